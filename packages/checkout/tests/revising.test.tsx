import { createCheckoutClient } from "@billingos/checkout";
import { CheckoutProvider, useCheckout } from "@billingos/checkout/react";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { describe, expect, it } from "vitest";
import { type Answer, json, type Received, refuse, serve } from "./local-server.ts";

const idOf = (number: number) => `5f1e8f9e-0000-4000-8000-00000000000${number}`;
const sessionOf = (number: number) => ({
  id: idOf(number),
  clientSecret: `pi_${number}_secret_1`,
  priceId: idOf(9),
  quantity: 1,
  status: "pending",
  version: 1,
  realtime: { topic: `checkout:${idOf(number)}`, event: "checkout.updated" },
});

/** Each create is another session, unless told; a status is of the session that it asks for. */
async function checkout(special: (request: Received) => Answer | undefined = () => undefined) {
  let created = 0;
  const { functionsUrl, received } = await serve((response, request) => {
    const answer = special(request);
    if (answer !== undefined) answer(response, request);
    else if (request.url === "/checkout-create") json(response, 200, sessionOf(created += 1));
    else json(response, 200, { ...sessionOf(1), id: request.url.split("/").at(-1) });
  });
  const client = createCheckoutClient({ functionsUrl, sessionToken: "t" });
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <CheckoutProvider client={client}>{children}</CheckoutProvider>
  );
  const { result } = renderHook(() => useCheckout(), { wrapper });
  const asked = (path: string) => received.filter(({ url }) => url.startsWith(path));
  return { result, asked };
}

describe("other terms", () => {
  it("are a new session of the same, and the one before is given up once that stands", async () => {
    const { result, asked } = await checkout();
    await act(() => result.current.start({ priceId: "p", couponCode: "WELCOME" }));
    await act(() => result.current.revise({ quantity: 3 }));
    expect(asked("/checkout-create").map(({ body }): unknown => JSON.parse(body))).toEqual([
      { priceId: "p", couponCode: "WELCOME" },
      { priceId: "p", couponCode: "WELCOME", quantity: 3 },
    ]);
    expect(result.current).toMatchObject({ step: "card", session: { id: idOf(2) } });
    await waitFor(() =>
      expect(asked("/checkout-cancel").map(({ url }) => url)).toEqual([
        `/checkout-cancel/${idOf(1)}`,
      ])
    );
  });

  it("that are the former ones again wait until the session that had them is given up", async () => {
    const order: string[] = [];
    let giveUp: (() => void) | undefined;
    const { result } = await checkout(({ url }) => {
      order.push(url.split("/")[1] ?? "");
      if (!url.startsWith("/checkout-cancel")) return undefined;
      return (response) => {
        giveUp = () => {
          order.push("given up");
          json(response, 200, sessionOf(1));
        };
      };
    });
    await act(() => result.current.start({ priceId: "p" }));
    await act(() => result.current.revise({ quantity: 2 }));
    await waitFor(() => expect(giveUp).toBeDefined());
    const again = act(() => result.current.revise({ quantity: 1 }));
    giveUp?.();
    await again;
    const calls = order.filter((each) => each !== "checkout-status");
    expect(calls.slice(0, 5)).toEqual([
      "checkout-create",
      "checkout-create",
      "checkout-cancel",
      "given up",
      "checkout-create",
    ]);
  });

  it("that are refused leave what stood before, and say why beside it", async () => {
    const { result, asked } = await checkout(({ body }) =>
      body.includes("NONE") ? (response) => refuse(response, 400, "coupon_not_found") : undefined
    );
    await act(() => result.current.start({ priceId: "p" }));
    await act(() => result.current.revise({ couponCode: "NONE" }));
    expect(result.current).toMatchObject({
      step: "card",
      session: { id: idOf(1) },
      input: { priceId: "p" },
      refusal: { code: "coupon_not_found" },
      error: undefined,
    });
    expect(asked("/checkout-cancel")).toEqual([]);
    await act(() => result.current.revise({ quantity: 2 }));
    expect(result.current.refusal).toBeUndefined();
  });

  it("that an opening lacked are what it is opened with", async () => {
    const { result } = await checkout(({ url, body }) =>
      url === "/checkout-create" && !body.includes("DE")
        ? (response) => refuse(response, 400, "address_required")
        : undefined
    );
    await act(() => result.current.start({ priceId: "p" }));
    expect(result.current).toMatchObject({ step: "plan", error: { code: "address_required" } });
    await act(() => result.current.revise({ customer: { address: { country: "DE" } } }));
    expect(result.current).toMatchObject({ step: "card", error: undefined });
  });

  it("are not paid for while they are on their way", async () => {
    const { result, asked } = await checkout();
    await act(() => result.current.start({ priceId: "p" }));
    await act(async () => {
      const revised = result.current.revise({ quantity: 2 });
      await result.current.pay({ paymentMethodId: "pm_1" });
      await revised;
    });
    expect(asked("/checkout-confirm")).toEqual([]);
  });

  it("are paid for by no form that was sent off before them, which was told another amount", async () => {
    const { result, asked } = await checkout();
    await act(() => result.current.start({ priceId: "p" }));
    const { pay } = result.current;
    await act(() => result.current.revise({ quantity: 2 }));
    await act(() => pay({ paymentMethodId: "pm_1" }));
    expect(asked("/checkout-confirm")).toEqual([]);
    expect(result.current).toMatchObject({ step: "card", session: { id: idOf(2) } });
    await act(() => result.current.pay({ paymentMethodId: "pm_1" }));
    expect(asked("/checkout-confirm").map(({ body }): unknown => JSON.parse(body))).toEqual([
      { clientSecret: "pi_2_secret_1", paymentMethodId: "pm_1" },
    ]);
  });
});

const asking = ({ url }: Received): Answer | undefined => {
  if (url === "/checkout-confirm") {
    return (response) =>
      json(response, 200, {
        success: false,
        status: "requires_action",
        requiresAction: true,
        actionUrl: "https://bank.example.com/",
      });
  }
  return url.startsWith("/checkout-status")
    ? (response) => json(response, 200, { ...sessionOf(1), status: "requires_action" })
    : undefined;
};

describe("a form that was sent off", () => {
  it("pays for nothing once its sheet has been closed, for nobody would be told of it", async () => {
    const { result, asked } = await checkout();
    await act(() => result.current.start({ priceId: "p" }));
    const { pay } = result.current;
    cleanup();
    await pay({ paymentMethodId: "pm_1" });
    expect(asked("/checkout-confirm")).toEqual([]);
  });
});

describe("a session that is gone on with", () => {
  it.each([
    ["pending", "card"],
    ["requires_action", "action"],
    ["processing", "processing"],
    ["succeeded", "success"],
    ["canceled", "failure"],
    ["expired", "failure"],
  ])("that is %s is at the step %s, before its first snapshot too", async (status, step) => {
    const { result, asked } = await checkout(({ url }) =>
      url.startsWith("/checkout-status")
        ? (response) => json(response, 200, { ...sessionOf(1), status })
        : undefined
    );
    await act(() => result.current.resume(idOf(1)));
    expect(result.current.step).toBe(step);
    expect(asked("/checkout-create")).toEqual([]);
  });

  it("of somebody else is no session", async () => {
    const { result } = await checkout(() => (response) =>
      refuse(response, 404, "session_not_found")
    );
    await act(() => result.current.resume(idOf(1)));
    expect(result.current).toMatchObject({ session: undefined, error: { status: 404 } });
  });

  it("still knows where the bank asks, and forgets it with the next payment", async () => {
    const first = await checkout(asking);
    await act(() => first.result.current.start({ priceId: "p" }));
    await act(() => first.result.current.pay({ paymentMethodId: "pm_1" }));
    cleanup();
    const { result } = await checkout(asking);
    await act(() => result.current.resume(idOf(1)));
    expect(result.current).toMatchObject({
      step: "action",
      action: { actionUrl: "https://bank.example.com/" },
    });
    act(() => result.current.payOtherwise());
    expect(result.current).toMatchObject({ step: "card", action: undefined });
  });

  it("waits for what the bank has said where the customer is back from it", async () => {
    const { result } = await checkout(asking);
    await act(() => result.current.resume(idOf(1), { isBack: true }));
    expect(result.current.step).toBe("processing");
  });

  it.each([["{", undefined], ["null", undefined], ['"text"', undefined], ["{}", undefined]])(
    "takes nothing from a storage that holds %s",
    async (held, action) => {
      sessionStorage.setItem(`billingos.action.${idOf(1)}`, held);
      const { result } = await checkout(asking);
      await act(() => result.current.resume(idOf(1)));
      expect(result.current).toMatchObject({ step: "action", action });
    },
  );
});
