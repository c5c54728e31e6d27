import { createCheckoutClient } from "@billingos/checkout";
import {
  CheckoutProvider,
  FeatureGate,
  PaymentSheet,
  useCheckout,
} from "@billingos/checkout/react";
import { createClient, type Session } from "@supabase/supabase-js";
import { QueryClient, QueryClientProvider, useQueryClient } from "@tanstack/react-query";
import { act, fireEvent, render, renderHook, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { nodeTransport } from "../../../stack/realtime/node-transport.ts";
import { type Answer, json, serve, tokenOf } from "./local-server.ts";
import { created, service } from "./shown-session.ts";

const granted = (featureKey: string) => ({ entitlements: [{ featureKey, limit: null }] });

/** An access token as supabase-js looks at it, which verifies none: a header, claims, a signature. */
const accessToken = (sub: string) =>
  [{ alg: "HS256", typ: "JWT" }, { sub, exp: 4_000_000_000 }, {}]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
const userOf = (sub: string): Session["user"] => ({
  id: sub,
  aud: "authenticated",
  app_metadata: {},
  user_metadata: {},
  created_at: "2026-01-01T00:00:00Z",
});

const [alice, bob] = [accessToken("alice"), accessToken("bob")];
const alices = { id: "5f1e8f9e-0000-4000-8000-0000000000a1", clientSecret: "pi_1_secret_alice" };
const bobs = { id: "5f1e8f9e-0000-4000-8000-0000000000b0", clientSecret: "pi_2_secret_bob" };

/** A shop whose customers sign in with Supabase Auth. */
async function shop(answer: Answer) {
  const { functionsUrl } = await serve((response, request) => {
    if (request.url.startsWith("/auth/v1/user")) {
      json(response, 200, userOf(tokenOf(request) === alice ? "alice" : "bob"));
    } else if (request.url.startsWith("/auth/v1/")) response.writeHead(204).end();
    else answer(response, request);
  });
  const supabase = createClient(functionsUrl, "sb_publishable_key", {
    auth: { persistSession: false, autoRefreshToken: false, storageKey: "provider-test" },
    realtime: { transport: nodeTransport },
  });
  return {
    client: createCheckoutClient({ functionsUrl, supabase }),
    signIn: (access: string) =>
      act(() => supabase.auth.setSession({ access_token: access, refresh_token: "r" })),
    signOut: () => act(() => supabase.auth.signOut({ scope: "local" })),
  };
}

describe("what a customer was answered", () => {
  it("is shown to nobody else who signs in with the same client, nor once they have signed out", async () => {
    const { client, signIn, signOut } = await shop((response, request) =>
      json(response, 200, granted(tokenOf(request) === alice ? "sso" : "none"))
    );
    await signIn(alice);
    render(
      <CheckoutProvider client={client}>
        <FeatureGate feature="sso" pending="WAIT" fallback="UPGRADE">UNLOCKED</FeatureGate>
      </CheckoutProvider>,
    );
    await screen.findByText("UNLOCKED");
    await signIn(bob);
    await screen.findByText("UPGRADE");
    await signIn(alice);
    await screen.findByText("UNLOCKED");
    await signOut();
    expect(await screen.findByText("UPGRADE")).toBeDefined();
  });
});

describe("a sheet that is open as another customer signs in", () => {
  it("asks them to pay for what is theirs, and tells them of nothing that the one before has paid", async () => {
    let isPaid = false;
    const statusOf = (id: string): Answer => (response) =>
      json(response, 200, {
        id,
        version: isPaid ? 2 : 1,
        status: isPaid ? "succeeded" : "pending",
      });
    const { client, signIn } = await shop(service({
      "/checkout-create": (response, request) => {
        const { id, clientSecret } = tokenOf(request) === alice ? alices : bobs;
        json(response, 200, { ...created, id, clientSecret });
      },
      "/checkout-confirm": (response) =>
        json(response, 200, { success: false, status: "processing", requiresAction: false }),
      [`/checkout-status/${alices.id}`]: statusOf(alices.id),
      [`/checkout-status/${bobs.id}`]: statusOf(bobs.id),
    }));
    await signIn(alice);
    const successes: string[] = [];
    render(
      <CheckoutProvider client={client}>
        <PaymentSheet
          open
          onClose={() => undefined}
          input={{ priceId: "p" }}
          renderCard={({ session, pay }) => (
            <button
              type="button"
              onClick={() => void pay({ paymentMethodId: "pm_1" })}
            >
              {session.clientSecret}
            </button>
          )}
          onSuccess={({ id }) => successes.push(id)}
        />
      </CheckoutProvider>,
    );
    fireEvent.click(await screen.findByRole("button", { name: alices.clientSecret }));
    await screen.findByText("Your payment is being processed.");
    await signIn(bob);
    await screen.findByRole("button", { name: bobs.clientSecret });
    isPaid = true;
    await waitFor(() => expect(successes).toContain(bobs.id));
    expect(successes).toEqual([bobs.id]);
  });
});

describe("a checkout of the app's own as another customer signs in", () => {
  it.each([
    ["has opened", false, "card"],
    ["is just opening", true, "processing"],
  ])("begins anew: what the one before %s is nobody else's", async (_what, isLate, step) => {
    let answerAlice: (() => void) | undefined;
    const { client, signIn } = await shop(service({
      "/checkout-create": (response) => {
        answerAlice = () => json(response, 200, { ...created, ...alices });
        if (!isLate) answerAlice();
      },
      [`/checkout-status/${alices.id}`]: (response) =>
        json(response, 200, { id: alices.id, version: 1, status: "pending" }),
    }));
    await signIn(alice);
    const { result } = renderHook(() => useCheckout(), {
      wrapper: ({ children }) => <CheckoutProvider client={client}>{children}</CheckoutProvider>,
    });
    act(() => void result.current.start({ priceId: "p" }));
    await waitFor(() => expect(answerAlice).toBeDefined());
    await waitFor(() => expect(result.current.step).toBe(step));
    await signIn(bob);
    if (isLate) answerAlice?.();
    await act(() => client.status(alices.id));
    expect(result.current).toMatchObject({ step: "plan", session: undefined, input: undefined });
  });
});

describe("a checkout of the app's own that waits for one that was given up", () => {
  it("is opened for nobody else who signs in meanwhile", async () => {
    const askedBy: string[] = [];
    let answerCancel: (() => void) | undefined;
    const { client, signIn } = await shop(service({
      "/checkout-create": (response, request) => {
        askedBy.push(tokenOf(request) === alice ? "alice" : "bob");
        json(response, 200, { ...created, ...alices });
      },
      [`/checkout-cancel/${alices.id}`]: (response) => {
        answerCancel = () => json(response, 200, { id: alices.id, version: 2, status: "canceled" });
      },
      [`/checkout-status/${alices.id}`]: (response) =>
        json(response, 200, { id: alices.id, version: 1, status: "pending" }),
    }));
    await signIn(alice);
    const { result } = renderHook(() => useCheckout(), {
      wrapper: ({ children }) => <CheckoutProvider client={client}>{children}</CheckoutProvider>,
    });
    await act(() => result.current.start({ priceId: "p" }));
    let given: Promise<void> | undefined;
    act(() => void (given = result.current.reset()));
    let opening: Promise<void> | undefined;
    act(() => void (opening = result.current.start({ priceId: "q", customerEmail: "a@a.com" })));
    await waitFor(() => expect(answerCancel).toBeDefined());
    await signIn(bob);
    answerCancel?.();
    await act(() => Promise.all([given, opening]));
    expect(askedBy).toEqual(["alice"]);
  });
});

function Seen({ onSeen }: { readonly onSeen: (client: QueryClient) => void }) {
  onSeen(useQueryClient());
  return null;
}

describe("the app's own client of TanStack Query", () => {
  it("stays that of the app's components below the provider", async () => {
    const { functionsUrl } = await serve((response) => json(response, 200, granted("sso")));
    const app = new QueryClient();
    let seen: QueryClient | undefined;
    render(
      <QueryClientProvider client={app}>
        <CheckoutProvider client={createCheckoutClient({ functionsUrl, sessionToken: "t" })}>
          <Seen onSeen={(client) => (seen = client)} />
          <FeatureGate feature="sso">UNLOCKED</FeatureGate>
        </CheckoutProvider>
      </QueryClientProvider>,
    );
    await screen.findByText("UNLOCKED");
    expect(seen).toBe(app);
    expect(app.getQueryCache().getAll()).toEqual([]);
  });

  it("keeps the answers where the app names it", async () => {
    const { functionsUrl } = await serve((response) => json(response, 200, granted("sso")));
    const app = new QueryClient();
    const client = createCheckoutClient({ functionsUrl, sessionToken: "t" });
    render(
      <CheckoutProvider client={client} queryClient={app}>
        <FeatureGate feature="sso">UNLOCKED</FeatureGate>
      </CheckoutProvider>,
    );
    await screen.findByText("UNLOCKED");
    expect(app.getQueryCache().getAll()).toHaveLength(1);
  });
});
