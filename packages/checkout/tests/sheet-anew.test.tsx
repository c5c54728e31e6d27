import { type CheckoutClient, createCheckoutClient } from "@billingos/checkout";
import { CheckoutProvider, PaymentSheet } from "@billingos/checkout/react";
import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { type Answer, json, refuse, serve, tokenOf } from "./local-server.ts";
import { at, click, pageOf, status } from "./sheet-page.tsx";
import { created, id, service } from "./shown-session.ts";

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

describe("a session that the app keeps in its address", () => {
  const bobs = { id: "5f1e8f9e-0000-4000-8000-0000000000b0", clientSecret: "pi_2_secret_bob" };

  it("is gone on with by its own customer, and another one who comes is asked for what is theirs", async () => {
    const { functionsUrl, received } = await serve(service({
      "/checkout-create": (response) => json(response, 200, { ...created, ...bobs }),
      [status]: (response, request) =>
        json(response, 200, {
          ...(tokenOf(request) === "alice" ? created : { id }),
          version: 1,
          status: "pending",
        }),
    }));
    const [alice, bob] = ["alice", "bob"].map((sessionToken) =>
      createCheckoutClient({ functionsUrl, sessionToken })
    );
    const kept: string[] = [];
    const page = (client: CheckoutClient | undefined) =>
      client && (
        <CheckoutProvider client={client}>
          <PaymentSheet
            open
            onClose={() => undefined}
            input={{ priceId: "p" }}
            sessionId={kept.at(-1) ?? id}
            onSession={(session) => kept.push(session.id)}
            renderCard={({ session }) => session.clientSecret}
          />
        </CheckoutProvider>
      );
    const { rerender } = render(page(alice));
    await screen.findByText(created.clientSecret);
    rerender(page(bob));
    await screen.findByText(bobs.clientSecret);
    expect(screen.queryByRole("alert")).toBeNull();
    expect(kept).toEqual([id, bobs.id]);
    const bobsCalls = received.filter((call) => tokenOf(call) === "bob").map(({ url }) => url);
    expect(bobsCalls).not.toContain(status);
  });

  it("says whose it may be to a customer who brings somebody else's", async () => {
    const { functionsUrl } = await serve(service({}));
    const Page = pageOf({ functionsUrl, sessionId: id });
    render(<Page />);
    expect((await screen.findByRole("alert")).textContent).toBe(
      "This checkout is another customer's, or you are no longer signed in.",
    );
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
