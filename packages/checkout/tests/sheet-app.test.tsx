import type { PaymentSheetProps } from "@billingos/checkout/react";
import {
  act,
  cleanup,
  configure,
  fireEvent,
  render,
  screen,
  waitFor,
} from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { uncaught } from "../../../tests/support/uncaught.ts";
import { type Answer, json, refuse, serve } from "./local-server.ts";
import { at, click, pageOf, status } from "./sheet-page.tsx";
import { created, id, service, sold } from "./shown-session.ts";

// What hangs is ended by the test's own timeout.
configure({ asyncUtilTimeout: 180_000 });

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe("a sheet whose app has no token for it", () => {
  it("says so, and opens the session once there is one", async () => {
    const { functionsUrl } = await serve(service({}));
    const reported = uncaught();
    let isUp = false;
    const Page = pageOf({
      functionsUrl,
      getSessionToken: () =>
        isUp ? Promise.resolve("t") : Promise.reject(new TypeError("Failed to fetch")),
    });
    render(<Page />);
    expect((await screen.findByRole("alert")).textContent).toBe(
      "The service could not be reached.",
    );
    isUp = true;
    await click("Try again");
    await screen.findByRole("button", { name: "CARD" });
    expect(reported).toEqual([]);
  });
});

describe("a sheet that is closed while the payment is on its way", () => {
  it.each([
    ["paid", true],
    ["paid, and not carried out yet", false],
  ])("tells the app of the end, and opens what was bought: %s", async (_how, success) => {
    let done = false;
    let confirmed = false;
    const { functionsUrl, received } = await serve(
      service({
        "/checkout-create": (response) =>
          done ? refuse(response, 409, "already_subscribed") : json(response, 200, created),
        "/checkout-confirm": (response) => {
          confirmed = true;
          json(response, 200, { success, status: "processing", requiresAction: false });
        },
        "/entitlements": (response) =>
          json(response, 200, { entitlements: done ? [{ featureKey: "sso", limit: null }] : [] }),
        [status]: (response, request) =>
          (done ? at(3, "succeeded") : confirmed ? at(2, "processing") : at(1, "pending"))(
            response,
            request,
          ),
      }),
    );
    const successes: string[] = [];
    const onSuccess: PaymentSheetProps["onSuccess"] = (snapshot) => successes.push(snapshot.status);
    const Page = pageOf({ functionsUrl, onSuccess });
    render(<Page />);
    await click("CARD");
    await waitFor(() => expect(confirmed).toBe(true));
    await screen.findByText("Your payment is being processed.");
    await click("Close");
    expect(screen.queryByRole("dialog")).toBeNull();
    done = true;
    await screen.findByText("UNLOCKED");
    expect(successes).toEqual(["succeeded"]);
    const reads = received.filter(({ url }) => url === status).length;
    await click("OPEN");
    await screen.findByRole("alert");
    expect(received.filter(({ url }) => url === status)).toHaveLength(reads);
  });

  it("is told of no more where nothing was confirmed, and asks no more", async () => {
    const { functionsUrl, received } = await serve(service({}));
    const Page = pageOf({ functionsUrl });
    render(<Page />);
    await screen.findByRole("button", { name: "CARD" });
    await waitFor(() => expect(received.some(({ url }) => url === status)).toBe(true));
    vi.useFakeTimers();
    fireEvent.click(screen.getByRole("button", { name: "Close" }));
    const reads = received.length;
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    expect(received).toHaveLength(reads);
  });
});

describe("what a customer may use, asked for before the success and answered after it", () => {
  it("is asked for anew: what they have bought is opened", async () => {
    let answerLate: (() => void) | undefined;
    const { functionsUrl } = await serve(
      service({
        "/entitlements": (response) => {
          if (answerLate === undefined) {
            answerLate = () => json(response, 200, { entitlements: [] });
          } else json(response, 200, { entitlements: [{ featureKey: "sso", limit: null }] });
        },
        [status]: (response) =>
          json(response, 200, { ...created, version: 2, status: "succeeded" }),
      }),
    );
    const successes: string[] = [];
    const onSuccess: PaymentSheetProps["onSuccess"] = (snapshot) => successes.push(snapshot.status);
    const Page = pageOf({ functionsUrl, sessionId: id, onSuccess });
    render(<Page />);
    await screen.findByText("Done. Your subscription is active.");
    await waitFor(() => expect(answerLate).toBeDefined());
    await waitFor(() => expect(successes).toEqual(["succeeded"]));
    answerLate?.();
    expect(await screen.findByText("UNLOCKED")).toBeDefined();
  });
});

describe("a session that could not be read after a reload", () => {
  it.each([
    ["what the app gives", { priceId: "p" }],
    ["what the customer chooses in the sheet", null],
  ])("is gone on with once it can, and not begun anew with %s", async (_of, input) => {
    let isUp = false;
    const { functionsUrl, received } = await serve(service({
      [status]: (response) =>
        isUp
          ? json(response, 200, { ...created, version: 3, status: "processing" })
          : refuse(response, 503, "database_unavailable"),
    }));
    const Page = pageOf({ functionsUrl, sessionId: id });
    render(<Page input={input} />);
    expect((await screen.findByRole("alert")).textContent).toBe("database_unavailable.");
    isUp = true;
    await click("Try again");
    await screen.findByText("Your payment is being processed.");
    expect(received.filter(({ url }) => url === "/checkout-create")).toEqual([]);
  });
});

describe("a session that has expired", () => {
  it.each([
    [undefined, "This checkout has expired. Nothing was charged."],
    ["card_declined", "This checkout has expired. Nothing was charged."],
    ["refund_pending", "This did not work."],
    ["payment_refunded", "This did not work."],
    ["refund_failed", "This did not work."],
  ])(
    "is not said to have cost nothing where money that came late goes back: %s",
    async (code, said) => {
      const error = code === undefined ? {} : { error: { code, message: `${code}.` } };
      const { functionsUrl } = await serve(service({
        [status]: (response) =>
          json(response, 200, { id, version: 4, status: "expired", ...error }),
      }));
      const Page = pageOf({ functionsUrl });
      render(<Page />);
      expect(await screen.findByText(said)).toBeDefined();
    },
  );
});

describe("a payment whose answer was lost", () => {
  it("says no more that it was once it has succeeded", async () => {
    let paid = false;
    const { functionsUrl } = await serve(service({
      "/checkout-confirm": (response) => response.destroy(),
      [status]: (response, request) =>
        (paid ? at(2, "succeeded") : at(1, "pending"))(response, request),
    }));
    const Page = pageOf({ functionsUrl });
    render(<Page />);
    await click("CARD");
    await screen.findByText("The service could not be reached.");
    paid = true;
    await screen.findByText("Done. Your subscription is active.");
    expect(screen.queryByRole("alert")).toBeNull();
  });
});

describe("a customer who has it already", () => {
  it("is shown what they have: it is read anew", async () => {
    let refused = false;
    const { functionsUrl } = await serve(
      service({
        "/checkout-create": (response) => {
          refused = true;
          refuse(response, 409, "already_subscribed");
        },
        "/entitlements": (response) =>
          json(response, 200, {
            entitlements: refused ? [{ featureKey: "sso", limit: null }] : [],
          }),
      }),
    );
    const Page = pageOf({ functionsUrl });
    render(<Page />);
    expect(await screen.findByText("UNLOCKED")).toBeDefined();
  });
});

describe("a refusal that no repetition changes", () => {
  const refusal = { status: 400, code: "change_to_free" } as const;
  const refusing = () =>
    serve(service({
      "/checkout-create": (response) => refuse(response, refusal.status, refusal.code),
    }));

  it("leads back to the plans in the sheet, and says why above them", async () => {
    const { functionsUrl, received } = await refusing();
    const Page = pageOf({ functionsUrl });
    render(<Page input={null} />);
    fireEvent.click(await screen.findByRole("button", { name: "Choose", description: "Starter" }));
    expect((await screen.findByRole("alert")).textContent).toBe(`${refusal.code}.`);
    expect(screen.getByRole("dialog", { name: "Choose a plan" })).toBeDefined();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
    const choices = await screen.findAllByRole("button", { description: /Starter|Pro/ });
    expect(choices).toHaveLength(2);
    expect(received.filter(({ url }) => url === "/checkout-create")).toHaveLength(1);
  });

  it("leads back to the page whose choice it was", async () => {
    const { functionsUrl } = await refusing();
    const Page = pageOf({ functionsUrl });
    render(<Page />);
    expect((await screen.findByRole("alert")).textContent).toBe(`${refusal.code}.`);
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
    await click("Choose another plan");
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("is one that ends a session too", async () => {
    const { functionsUrl } = await serve(service({
      [status]: (response) =>
        json(response, 200, {
          id,
          version: 2,
          status: "failed",
          error: { code: "already_subscribed", message: "You already have this." },
        }),
    }));
    const Page = pageOf({ functionsUrl });
    render(<Page input={null} />);
    fireEvent.click(await screen.findByRole("button", { name: "Choose", description: "Starter" }));
    await screen.findByText("You already have this.");
    await click("Choose another plan");
    expect(await screen.findByRole("dialog", { name: "Choose a plan" })).toBeDefined();
  });
});

describe("what is bought, told anew while the sheet is open", () => {
  it("is what the customer is asked to pay, in the place of what was before", async () => {
    const { functionsUrl, received } = await serve(service({}));
    const Page = pageOf({ functionsUrl });
    const { rerender } = render(<Page input={{ priceId: "small" }} />);
    await screen.findByRole("button", { name: "CARD" });
    // The same in another object changes nothing.
    rerender(<Page input={{ priceId: "small" }} />);
    rerender(<Page input={{ priceId: "big" }} />);
    const asked = () =>
      received.filter(({ url }) => url === "/checkout-create" || url === `/checkout-cancel/${id}`)
        .map(({ url, body }): unknown => url === "/checkout-create" ? JSON.parse(body) : "cancel");
    await waitFor(() =>
      expect(asked()).toEqual([{ priceId: "small" }, "cancel", { priceId: "big" }])
    );
    await screen.findByRole("button", { name: "CARD" });
    await act(() => Promise.resolve());
    expect(asked()).toHaveLength(3);
  });
});

/** A service that answers a cancel once it is told to. */
async function slowToCancel(paths: Readonly<Record<string, Answer>> = {}) {
  const order: unknown[] = [];
  let giveUp: (() => void) | undefined;
  const { functionsUrl } = await serve(service({
    ...paths,
    "/checkout-create": (response, { body }) => {
      order.push(JSON.parse(body));
      json(response, 200, created);
    },
    [`/checkout-cancel/${id}`]: (response) => {
      const answer = () => json(response, 200, { id, version: 3, status: "canceled" });
      if (giveUp !== undefined) return answer();
      giveUp = () => {
        order.push("given up");
        answer();
      };
    },
  }));
  const asked = () => waitFor(() => expect(giveUp).toBeDefined());
  return { Page: pageOf({ functionsUrl }), functionsUrl, order, asked, giveUp: () => giveUp?.() };
}

describe("a session that is slow to be given up", () => {
  it("leaves the last word to what the app has told last", async () => {
    const { Page, functionsUrl, order, asked, giveUp } = await slowToCancel();
    const { rerender } = render(<Page input={{ priceId: "small" }} />);
    await screen.findByRole("button", { name: "CARD" });
    rerender(<Page input={{ priceId: "big" }} />);
    await asked();
    rerender(<Page input={{ priceId: "bigger" }} />);
    // What would be asked for at once has been.
    await act(() => fetch(`${functionsUrl}/entitlements`));
    giveUp();
    await waitFor(() => expect(order.at(-1)).toEqual({ priceId: "bigger" }));
    expect(order.slice(0, 2)).toEqual([{ priceId: "small" }, "given up"]);
  });

  it("offers no other plan while it is begun anew, which would be taken back", async () => {
    const { Page, order, asked, giveUp } = await slowToCancel({ [status]: at(2, "expired") });
    render(<Page input={null} />);
    fireEvent.click(await screen.findByRole("button", { name: "Choose", description: "Starter" }));
    await click("Try again");
    await asked();
    expect(screen.queryByRole("button", { name: "Choose", description: "Starter" })).toBeNull();
    giveUp();
    await waitFor(() => expect(order).toHaveLength(3));
    expect(order[1]).toBe("given up");
    expect(order[2]).toEqual(order[0]);
  });
});

describe("seats that could not be asked for", () => {
  it("leave what stood before to be paid, and may be asked for again", async () => {
    let isUp = true;
    const onSale = sold(false);
    const products = onSale.products.map((product) => ({
      ...product,
      prices: product.prices.map((price) => ({ ...price, seats: { min: 1 } })),
    }));
    const { functionsUrl, received } = await serve(service({
      "/products": (response) => json(response, 200, { ...onSale, products }),
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
