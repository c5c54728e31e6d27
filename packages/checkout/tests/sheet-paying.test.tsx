import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { json, refuse, serve } from "./local-server.ts";
import { click, pageOf } from "./sheet-page.tsx";
import { created, id, seated, service } from "./shown-session.ts";

const moreId = "5f1e8f9e-0000-4000-8000-0000000000f0";

/** A page whose form has asked Stripe.js before what is clicked next in the sheet, and pays once that has answered. */
function pageOfSlowForm(functionsUrl: string) {
  let pay: (() => Promise<void>) | undefined;
  const Page = pageOf({
    functionsUrl,
    renderCard: (card) => {
      pay ??= () => card.pay({ paymentMethodId: "pm_1" });
      return "CARD";
    },
  });
  return { Page, payNow: () => act(() => void pay?.()) };
}

describe("seats that are asked for a moment before the payment that is on its way", () => {
  it("are asked for once its card was refused", async () => {
    const quantities: number[] = [];
    const { functionsUrl } = await serve(service({
      "/products": (response) => json(response, 200, seated()),
      "/checkout-create": (response, { body }) => {
        const quantity = body.includes('"quantity":2') ? 2 : 1;
        quantities.push(quantity);
        json(response, 200, { ...created, id: quantity === 1 ? id : moreId, quantity });
      },
      "/checkout-confirm": (response) =>
        // After the pause for which more clicks are waited for.
        void setTimeout(() => refuse(response, 402, "card_declined"), 600),
      [`/checkout-status/${moreId}`]: (response) =>
        json(response, 200, { id: moreId, version: 1, status: "pending" }),
    }));
    const { Page, payNow } = pageOfSlowForm(functionsUrl);
    render(<Page />);
    await click("One seat more");
    payNow();
    await screen.findByText("card_declined.");
    await waitFor(() => expect(quantities).toEqual([1, 2]));
    await waitFor(() =>
      expect(document.querySelector(".bos-pay")?.getAttribute("aria-busy")).toBe("false")
    );
  });
});

describe("an address that is to be changed as a payment begins", () => {
  it("is asked for once its card was refused, and not while what it would change is paid", async () => {
    let refuseNow: (() => void) | undefined;
    const { functionsUrl, received } = await serve(service({
      "/checkout-confirm": (response) => {
        refuseNow = () => refuse(response, 402, "card_declined");
      },
    }));
    const { Page, payNow } = pageOfSlowForm(functionsUrl);
    render(<Page input={{ priceId: "p", customer: { address: { country: "DE" } } }} />);
    await click("Change the address");
    payNow();
    await waitFor(() => expect(refuseNow).toBeDefined());
    expect(screen.queryByRole("button", { name: "Continue" })).toBeNull();
    refuseNow?.();
    fireEvent.submit(await screen.findByRole("form", { name: "Billing address" }));
    await waitFor(() =>
      expect(received.filter(({ url }) => url === "/checkout-create")).toHaveLength(2)
    );
  });
});
