import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { json, refuse, serve } from "./local-server.ts";
import { click, pageOf, status } from "./sheet-page.tsx";
import { created, id, seated, service } from "./shown-session.ts";

describe("seats that could not be asked for", () => {
  it("leave what stood before to be paid, and may be asked for again", async () => {
    let isUp = true;
    const { functionsUrl, received } = await serve(service({
      "/products": (response) => json(response, 200, seated()),
      "/checkout-create": (response) =>
        isUp ? json(response, 200, created) : refuse(response, 503, "database_unavailable"),
    }));
    const Page = pageOf({ functionsUrl });
    render(<Page />);
    await screen.findByRole("button", { name: "CARD" });
    isUp = false;
    await click("One seat more");
    await screen.findByText("database_unavailable.");
    await waitFor(() =>
      expect(document.querySelector(".bos-pay")?.getAttribute("aria-busy")).toBe("false")
    );
    await click("One seat more");
    await waitFor(() =>
      expect(received.filter(({ body }) => body.includes('"quantity":2'))).toHaveLength(2)
    );
  });
});

describe("a change of a plan with seats", () => {
  it("shows what the next periods cost for all of them", async () => {
    const change = {
      checkoutMode: "change",
      quantity: 5,
      amount: 6_000,
      totalAmount: 300,
      proration: {
        credited: 100,
        charged: 400,
        total: 300,
        fromFree: false,
        explanation: "The difference.",
      },
    };
    const { functionsUrl } = await serve(
      service({ "/checkout-create": (r) => json(r, 200, { ...created, ...change }) }),
    );
    const Page = pageOf({ functionsUrl });
    render(<Page />);
    await screen.findByRole("button", { name: "CARD" });
    expect(document.querySelector(".bos-price")?.textContent).toBe("$12.00 per month");
    expect(document.querySelector(".bos-summary .bos-note")?.textContent)
      .toBe("5 seats: $60.00 per month");
  });
});

describe("a paid plan in the place of a free one", () => {
  const fromFree = {
    checkoutMode: "change",
    quantity: 2,
    amount: 4_000,
    totalAmount: 4_000,
    proration: { credited: 0, charged: 4_000, total: 4_000, fromFree: true, explanation: "Free." },
  };
  const input = { priceId: created.priceId, existingSubscriptionId: id, quantity: 2 };
  const opened = (more: object = {}) =>
    serve(service({
      "/checkout-create": (r) => json(r, 200, { ...created, ...fromFree, ...more }),
      [status]: (r) => json(r, 200, { ...created, ...fromFree, ...more, version: 1 }),
    }));

  it("is sold as a first purchase is: with a coupon, and in the seats that are asked for", async () => {
    const { functionsUrl, received } = await opened();
    const Page = pageOf({ functionsUrl });
    render(<Page input={input} />);
    await click("Add a coupon");
    fireEvent.change(screen.getByLabelText("Coupon"), { target: { value: "HALF" } });
    await click("Apply");
    await waitFor(() =>
      expect(
        received.filter(({ url }) => url === "/checkout-create")
          .map(({ body }): unknown => JSON.parse(body)),
      ).toEqual([input, { ...input, couponCode: "HALF" }])
    );
    expect(document.querySelector(".bos-summary .bos-line")?.textContent)
      .toBe("2 seats$40.00 per month");
  });

  it("says what its trial costs now, and after", async () => {
    const { functionsUrl } = await opened({
      trialDays: 14,
      totalAmount: 0,
      proration: { ...fromFree.proration, charged: 0, total: 0 },
    });
    const Page = pageOf({ functionsUrl });
    render(<Page input={input} />);
    await screen.findByRole("button", { name: "CARD" });
    expect(document.querySelector(".bos-badge")?.textContent).toBe("Try it 14 days for free");
    expect(document.querySelector(".bos-total")?.textContent).toBe("Due now$0.00");
    expect(document.querySelector(".bos-summary .bos-note")?.textContent)
      .toBe("$40.00 per month after 14 days, unless you cancel before.");
  });

  it("stands as it is after a reload that has forgotten what it takes the place of", async () => {
    const { functionsUrl } = await opened();
    const Page = pageOf({ functionsUrl, sessionId: id });
    render(<Page input={null} />);
    await screen.findByRole("button", { name: "CARD" });
    expect(screen.queryByRole("button", { name: "Add a coupon" })).toBeNull();
  });
});

describe("what is due", () => {
  it.each([
    [{ amount: 2_000, adjustmentAmount: 500, totalAmount: 2_500 }, ["$20.00", "$5.00", "$25.00"]],
    [{ amount: 2_000, adjustmentAmount: -500, totalAmount: 1_500 }, ["$20.00", "-$5.00", "$15.00"]],
    [
      { amount: 2_000, discountAmount: 1_000, taxAmount: 190, totalAmount: 1_190 },
      ["$20.00", "-$10.00", "$1.90", "$11.90"],
    ],
  ])("adds up on screen: %j", async (amounts, shown) => {
    const { functionsUrl } = await serve(
      service({ "/checkout-create": (r) => json(r, 200, { ...created, ...amounts }) }),
    );
    const Page = pageOf({ functionsUrl });
    render(<Page />);
    await screen.findByRole("button", { name: "CARD" });
    const rows = [...document.querySelectorAll(".bos-summary dd")].map(({ textContent }) =>
      textContent
    );
    expect(rows.map((row) => /-?\$[\d.]+/.exec(row)?.[0])).toEqual(shown);
  });
});
