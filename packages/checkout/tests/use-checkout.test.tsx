import { createCheckoutClient } from "@billingos/checkout";
import { CheckoutProvider, useCheckout } from "@billingos/checkout/react";
import { act, renderHook, waitFor } from "@testing-library/react";
import { type ReactNode, StrictMode } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, json, refuse, serve } from "./local-server.ts";

afterEach(() => {
  vi.useRealTimers();
});

const id = "5f1e8f9e-0000-4000-8000-000000000000";
const created = {
  id,
  clientSecret: "pi_1_secret_1",
  realtime: { topic: `checkout:${id}`, event: "checkout.updated" },
};

async function checkout(answer: Answer) {
  const { functionsUrl, received } = await serve(answer);
  const client = createCheckoutClient({ functionsUrl, sessionToken: "t" });
  // As in development, where React does each effect twice.
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <StrictMode>
      <CheckoutProvider client={client}>{children}</CheckoutProvider>
    </StrictMode>
  );
  const { result } = renderHook(() => useCheckout(), { wrapper });
  return { result, received };
}
const pending: Answer = (response, { url }) => {
  if (url === "/checkout-create") json(response, 200, created);
  else json(response, 200, { id, version: 1, status: "pending" });
};

describe("a checkout", () => {
  it("goes from the plan to the card, and opens one session however often it is asked to at once", async () => {
    const { result, received } = await checkout(pending);
    expect(result.current.step).toBe("plan");
    const { start } = result.current;
    await act(() => Promise.all([start({ priceId: "p" }), start({ priceId: "p" })]));
    await waitFor(() => expect(result.current.step).toBe("card"));
    expect(received.filter(({ url }) => url === "/checkout-create")).toHaveLength(1);
  });

  it.each([
    [402, "card_declined", "card"],
    [429, "rate_limited", "card"],
    [503, "stripe_unavailable", "card"],
    [409, "session_closed", "failure"],
    [410, "session_expired", "failure"],
  ])("that is refused with %i %s is at the step %s", async (status, code, step) => {
    const { result } = await checkout((response, request) =>
      request.url === "/checkout-confirm"
        ? refuse(response, status, code)
        : pending(response, request)
    );
    await act(() => result.current.start({ priceId: "p" }));
    await act(() => result.current.pay({ paymentMethodId: "pm_1" }));
    expect(result.current).toMatchObject({ step, error: { code } });
  });

  it("whose card was refused waits for another one, also where its snapshot is of the attempt", async () => {
    let isAsked = false;
    const { result } = await checkout((response, request) => {
      if (request.url === "/checkout-create") return pending(response, request);
      if (request.url === "/checkout-confirm") {
        isAsked = true;
        return refuse(response, 402, "card_declined");
      }
      json(
        response,
        200,
        isAsked ? { id, version: 3, status: "processing" } : { id, version: 2, status: "pending" },
      );
    });
    await act(() => result.current.start({ priceId: "p" }));
    await act(() => result.current.pay({ paymentMethodId: "pm_1" }));
    await waitFor(() => expect(result.current.snapshot?.status).toBe("processing"));
    expect(result.current.step).toBe("card");
  });

  it("that the bank has refused takes another card, also where what was asked could not be read", async () => {
    let phase = "open";
    const { result } = await checkout((response, request) => {
      if (request.url === "/checkout-create") return pending(response, request);
      if (request.url === "/checkout-confirm") {
        phase = "asked";
        return json(response, 200, {
          success: false,
          status: "requires_action",
          requiresAction: true,
          message: "",
        });
      }
      if (phase === "asked") {
        phase = "refused";
        return refuse(response, 503, "database_unavailable");
      }
      json(response, 200, { id, version: phase === "open" ? 1 : 4, status: "pending" });
    });
    await act(() => result.current.start({ priceId: "p" }));
    await waitFor(() => expect(result.current.snapshot?.version).toBe(1));
    await act(() => result.current.pay({ paymentMethodId: "pm_1" }));
    await waitFor(() => expect(result.current.snapshot?.version).toBe(4));
    expect(result.current.step).toBe("card");
  });

  it("that was begun anew takes no answer to what the one before had asked", async () => {
    let answerLate: (() => void) | undefined;
    const { result, received } = await checkout((response, request) => {
      if (request.url === "/checkout-create") answerLate = () => pending(response, request);
      else pending(response, request);
    });
    let started = Promise.resolve();
    act(() => {
      started = result.current.start({ priceId: "p" });
    });
    await waitFor(() => expect(received).toHaveLength(1));
    expect(result.current.step).toBe("processing");
    await act(() => result.current.reset());
    await act(() => {
      answerLate?.();
      return started;
    });
    expect(result.current).toMatchObject({ step: "plan", session: undefined });
  });

  it("tells why the session came to nothing, in the words of its snapshot", async () => {
    const { result } = await checkout((response, request) => {
      if (request.url === "/checkout-create") return pending(response, request);
      const error = { code: "payment_refunded", message: "Your payment has been refunded." };
      json(response, 200, { id, version: 2, status: "failed", error });
    });
    await act(() => result.current.start({ priceId: "p" }));
    await waitFor(() => expect(result.current.step).toBe("failure"));
    expect(result.current.error?.message).toBe("Your payment has been refunded.");
  });
});

describe("a session that is given up, of which nothing is heard", () => {
  it("holds up the next one for seconds, not for as long as a call may take", async () => {
    vi.useFakeTimers();
    const asked: string[] = [];
    const client = createCheckoutClient({
      functionsUrl: "http://127.0.0.1:9",
      sessionToken: "t",
      fetch: (url, init) => {
        const path = new URL(url instanceof Request ? url.url : url).pathname;
        asked.push(path);
        if (path === "/checkout-create") return Promise.resolve(Response.json(created));
        if (path.startsWith("/checkout-status")) {
          return Promise.resolve(Response.json({ id, version: 1, status: "pending" }));
        }
        return new Promise((_, reject) => {
          init?.signal?.addEventListener("abort", () => reject(new Error("given up")));
        });
      },
    });
    const wrapper = ({ children }: { readonly children: ReactNode }) => (
      <CheckoutProvider client={client}>{children}</CheckoutProvider>
    );
    const { result } = renderHook(() => useCheckout(), { wrapper });
    await act(() => result.current.start({ priceId: "p" }));
    act(() => void result.current.reset());
    await act(() => vi.advanceTimersByTimeAsync(0));
    const creates = () => asked.filter((path) => path === "/checkout-create").length;
    act(() => void result.current.start({ priceId: "q" }));
    await act(() => vi.advanceTimersByTimeAsync(9_000));
    expect(creates()).toBe(1);
    await act(() => vi.advanceTimersByTimeAsync(2_000));
    expect(creates()).toBe(2);
    expect(result.current.step).toBe("card");
  });
});

describe("sessions that are given up one after the other", () => {
  it("are all waited for: what the first was opened for would be answered by it again", async () => {
    const other = "5f1e8f9e-0000-4000-8000-0000000000f1";
    let answerFirst: (() => void) | undefined;
    const opened: string[] = [];
    const { functionsUrl } = await serve((response, { url, body }) => {
      if (url === "/checkout-create") {
        const isOther = body.includes('"quantity":2');
        opened.push(isOther ? other : id);
        json(response, 200, { ...created, id: isOther ? other : id });
      } else if (url === `/checkout-cancel/${id}`) {
        answerFirst = () => json(response, 200, { id, version: 2, status: "canceled" });
      } else json(response, 200, { id: url.slice(-36), version: 1, status: "pending" });
    });
    const client = createCheckoutClient({ functionsUrl, sessionToken: "t" });
    const { result } = renderHook(() => useCheckout(), {
      wrapper: ({ children }) => <CheckoutProvider client={client}>{children}</CheckoutProvider>,
    });
    await act(() => result.current.start({ priceId: "p" }));
    await act(() => result.current.revise({ quantity: 2 }));
    await waitFor(() => expect(answerFirst).toBeDefined());
    let given: Promise<void> | undefined;
    act(() => void (given = result.current.reset()));
    let isGiven = false;
    void given?.then(() => isGiven = true);
    await act(() => client.cancel(other));
    expect(isGiven).toBe(false);
    answerFirst?.();
    await act(() => given ?? Promise.reject(new Error("nothing was given up")));
    await act(() => result.current.start({ priceId: "p" }));
    expect(opened).toEqual([id, other, id]);
  });
});
