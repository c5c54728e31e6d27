import { createCheckoutClient } from "@billingos/checkout";
import { CheckoutProvider, FeatureGate } from "@billingos/checkout/react";
import { createClient, type Session } from "@supabase/supabase-js";
import { QueryClient, QueryClientProvider, useQueryClient } from "@tanstack/react-query";
import { act, cleanup, configure, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { nodeTransport } from "../../../stack/realtime/node-transport.ts";
import { json, serve, tokenOf } from "./local-server.ts";

// What hangs is ended by the test's own timeout.
configure({ asyncUtilTimeout: 180_000 });

afterEach(cleanup);

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

describe("what a customer was answered", () => {
  it("is shown to nobody else who signs in with the same client, nor once they have signed out", async () => {
    const [alice, bob] = [accessToken("alice"), accessToken("bob")];
    const { functionsUrl } = await serve((response, request) => {
      const token = tokenOf(request);
      if (request.url === "/entitlements") {
        return json(response, 200, granted(token === alice ? "sso" : "none"));
      }
      if (request.url.startsWith("/auth/v1/user")) {
        return json(response, 200, userOf(token === alice ? "alice" : "bob"));
      }
      response.writeHead(204).end();
    });
    const supabase = createClient(functionsUrl, "sb_publishable_key", {
      auth: { persistSession: false, autoRefreshToken: false, storageKey: "provider-test" },
      realtime: { transport: nodeTransport },
    });
    const signIn = (access: string) =>
      act(() => supabase.auth.setSession({ access_token: access, refresh_token: "r" }));
    await signIn(alice);
    const client = createCheckoutClient({ functionsUrl, supabase });
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
    await act(() => supabase.auth.signOut({ scope: "local" }));
    expect(await screen.findByText("UPGRADE")).toBeDefined();
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
