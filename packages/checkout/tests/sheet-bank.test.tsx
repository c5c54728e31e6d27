import type { ActionStep, PaymentSheetProps } from "@billingos/checkout/react";
import { render, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { json, serve } from "./local-server.ts";
import { at, click, pageOf, status } from "./sheet-page.tsx";
import { created, id, service } from "./shown-session.ts";

const renderAction = ({ action, confirm }: ActionStep) => (
  <button
    type="button"
    onClick={() => void confirm()}
  >
    {action?.nextAction?.type}
  </button>
);

/** A session whose card the bank asks about, until a test moves it on. */
function askingBank() {
  const now = { version: 1, status: "pending" };
  const confirmed: unknown[] = [];
  const answer = service({
    "/checkout-confirm": (response, { body }) => {
      confirmed.push(JSON.parse(body));
      if (now.status === "pending") Object.assign(now, { version: 2, status: "requires_action" });
      const requiresAction = now.status === "requires_action";
      json(response, 200, {
        success: !requiresAction,
        status: now.status,
        requiresAction,
        ...(requiresAction ? { nextAction: { type: "use_stripe_sdk" } } : {}),
        message: "",
      });
    },
    [status]: (response, request) => at(now.version, now.status)(response, request),
  });
  return { now, confirmed, answer };
}

describe("a sheet on a session that waits for the bank", () => {
  it.each<[string, Partial<PaymentSheetProps>]>([
    ["opened anew", { input: { priceId: "p" } }],
    ["after a reload", { sessionId: id }],
  ])("takes another card, for what the bank asks is not known: %s", async (_, props) => {
    const { functionsUrl } = await serve(
      service({
        "/checkout-create": (response) =>
          json(response, 200, { ...created, status: "requires_action" }),
        [status]: (response, { headers }) =>
          json(response, 200, {
            ...(headers.authorization === undefined ? {} : created),
            id,
            version: 5,
            status: "requires_action",
          }),
      }),
    );
    const Page = pageOf({ functionsUrl, ...props });
    render(<Page />);
    await click("Pay another way");
    expect(await screen.findByRole("button", { name: "CARD" })).toBeDefined();
  });

  it("does so on the first try too, where the app has no way to the bank", async () => {
    const bank = askingBank();
    const { functionsUrl } = await serve(bank.answer);
    const Page = pageOf({ functionsUrl });
    render(<Page />);
    await click("CARD");
    await click("Pay another way");
    await click("CARD");
    await screen.findByRole("button", { name: "Pay another way" });
    expect(bank.confirmed).toHaveLength(2);
  });
});

describe("while the app's own library asks for the bank", () => {
  it("the form is gone, and what came of it is asked for with the same card", async () => {
    const bank = askingBank();
    const { functionsUrl } = await serve(bank.answer);
    const Page = pageOf({ functionsUrl, renderAction });
    render(<Page />);
    await click("CARD");
    await screen.findByRole("button", { name: "use_stripe_sdk" });
    Object.assign(bank.now, { version: 3, status: "processing" });
    await click("use_stripe_sdk");
    await screen.findByText("Your payment is being processed.");
    // Stripe's would not load for what is on its way.
    expect(screen.queryByRole("button", { name: "CARD" })).toBeNull();
    await waitFor(() => expect(bank.confirmed).toHaveLength(2));
    expect(bank.confirmed[1]).toEqual({
      clientSecret: created.clientSecret,
      paymentMethodId: "pm_1",
    });
  });
});
