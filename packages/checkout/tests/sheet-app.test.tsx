import type { PaymentSheetProps } from "@billingos/checkout/react";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { uncaught } from "../../../tests/support/uncaught.ts";
import { json, refuse, serve } from "./local-server.ts";
import { at, click, pageOf, status } from "./sheet-page.tsx";
import { created, id, service } from "./shown-session.ts";

afterEach(() => {
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
