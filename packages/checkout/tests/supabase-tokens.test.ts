import { createCheckoutClient } from "@billingos/checkout";
import { createClient, type Session } from "@supabase/supabase-js";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { WebSocket } from "ws";
import { json, refuse, serve, tokenOf } from "./local-server.ts";

/** As Supabase Auth answers a sign-in and a renewal: https://supabase.com/docs/guides/auth/sessions */
const session = (token: string): Session => ({
  access_token: token,
  refresh_token: `renews-${token}`,
  token_type: "bearer",
  expires_in: 3_600,
  expires_at: Math.floor(Date.now() / 1000) + 3_600,
  user: {
    id: "5f1e8f9e-0000-4000-8000-000000000000",
    aud: "authenticated",
    app_metadata: {},
    user_metadata: {},
    created_at: "2026-01-01T00:00:00Z",
  },
});

// Browsers have it, and Node since 22; supabase-js is made by none without it.
beforeEach(() => {
  vi.stubGlobal("WebSocket", WebSocket);
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
});

/** A service that takes `taken`, beside an Auth that renews `first` to `second`; and who is signed in there. */
async function page(signedIn: string | undefined, taken: string) {
  const { functionsUrl, received } = await serve((response, request) => {
    if (request.url.startsWith("/auth/v1/token")) json(response, 200, session("second"));
    // Status is for anybody, and to the owner of the session it tells more.
    else if (request.url.startsWith("/checkout-status/")) {
      const owned = tokenOf(request) === taken ? { clientSecret: "pi_1_secret_1" } : {};
      json(response, 200, { id: "s", version: 1, status: "pending", ...owned });
    } else if (tokenOf(request) === taken) json(response, 200, { entitlements: [] });
    else refuse(response, 401, "session_token_invalid");
  });
  const kept = signedIn === undefined ? null : JSON.stringify(session(signedIn));
  const supabase = createClient(functionsUrl, "sb_publishable_key", {
    auth: {
      storageKey: "session",
      autoRefreshToken: false,
      storage: { getItem: () => kept, setItem: () => undefined, removeItem: () => undefined },
    },
  });
  return {
    client: createCheckoutClient({ functionsUrl, supabase }),
    supabase,
    functionsUrl,
    received,
  };
}
const shown = (received: Awaited<ReturnType<typeof page>>["received"]) =>
  received.map((request) => request.url.startsWith("/auth/") ? "renewal" : tokenOf(request));

describe("with supabase-js and no token", () => {
  it("the signed-in user's access token is shown", async () => {
    const { client, received } = await page("first", "first");
    await client.entitlements();
    expect(shown(received)).toEqual(["first"]);
  });

  it("one that is refused is renewed once, also by calls that are refused at once", async () => {
    const { client, received } = await page("first", "second");
    await Promise.all([client.entitlements(), client.entitlements(), client.entitlements()]);
    expect(shown(received).filter((what) => what === "renewal")).toEqual(["renewal"]);
    expect(shown(received).slice(-3)).toEqual(["second", "second", "second"]);
  });

  it("one that is told no more of a session than anybody is renewed too, and refused in the end", async () => {
    const { client, received } = await page("first", "second");
    expect(await client.ownStatus("s")).toMatchObject({ clientSecret: "pi_1_secret_1" });
    expect(shown(received)).toEqual(["first", "renewal", "second"]);
    const { client: stranger } = await page("first", "third");
    await expect(stranger.ownStatus("s")).rejects.toMatchObject({ name: "UnauthorizedError" });
  });

  it("what Auth's client throws is the cause of what the page is told", async () => {
    const { supabase, functionsUrl } = await page("first", "first");
    const failure = new Error("the lock was stolen");
    vi.spyOn(supabase.auth, "getSession").mockRejectedValue(failure);
    await expect(createCheckoutClient({ functionsUrl, supabase }).entitlements()).rejects
      .toMatchObject({ name: "NetworkError", cause: failure });
  });

  it("the service is not asked where nobody is signed in", async () => {
    const { client, received } = await page(undefined, "first");
    await expect(client.entitlements()).rejects.toMatchObject({ code: "session_token_invalid" });
    expect(received).toEqual([]);
  });

  it("a session token that is given goes before", async () => {
    const { supabase, functionsUrl, received } = await page("first", "third");
    await createCheckoutClient({ functionsUrl, supabase, sessionToken: "third" }).entitlements();
    expect(shown(received)).toEqual(["third"]);
  });
});
