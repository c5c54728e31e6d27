import { createCheckoutServer } from "@billingos/checkout/server";
import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { json, refuse, serve, tokenOf } from "./local-server.ts";

const organizationKey = `sk_test_${"k".repeat(40)}`;

/** A service that mints a token for each user; of each, every token but the newest is refused. */
async function service(keptUsers?: number) {
  const minted = new Map<string, number>();
  const { functionsUrl, received } = await serve((response, request) => {
    if (request.url === "/session-tokens") {
      const { externalUserId: user } = mintOf(request.body);
      minted.set(user, (minted.get(user) ?? 0) + 1);
      return json(response, 201, { sessionToken: `${user}-${minted.get(user)}`, tokenId: "t" });
    }
    const [user = "", number] = tokenOf(request).split("-");
    if (minted.get(user) !== Number(number)) return refuse(response, 401, "session_token_invalid");
    json(response, 200, { hasAccess: true, limit: null, entitlements: [] });
  });
  return {
    server: createCheckoutServer({ functionsUrl, organizationKey, keptUsers }),
    received,
    minted,
  };
}
const mintOf = (body: string) => z.object({ externalUserId: z.string() }).parse(JSON.parse(body));
const mints = ({ url }: { readonly url: string }) => url === "/session-tokens";

describe("a merchant's server", () => {
  it("asks for one token for all checks of a user, which can read entitlements and nothing else", async () => {
    const { server, received } = await service();
    await Promise.all(["sso", "seats"].map((key) => server.check({ externalUserId: "u" }, key)));
    await server.entitlements({ externalUserId: "u" });
    const [mint, ...more] = received.filter(mints);
    expect(more).toEqual([]);
    expect(JSON.parse(mint?.body ?? "")).toEqual({
      externalUserId: "u",
      allowedOperations: ["entitlements"],
    });
    expect(mint?.headers.authorization).toBe(`Bearer ${organizationKey}`);
  });

  it("shows the organization's key to no other call", async () => {
    const { server, received } = await service();
    await server.check({ externalUserId: "u" }, "sso");
    const others = received.filter((request) => !mints(request));
    expect(others).not.toEqual([]);
    expect(JSON.stringify(others)).not.toContain(organizationKey);
  });

  it("never takes one user's token for another's, nor for the same id in another organization", async () => {
    const { server, received } = await service();
    const users = [
      { externalUserId: "a" },
      { externalUserId: "b" },
      { externalUserId: "a", externalOrganizationId: "o" },
      { externalUserId: `a","externalOrganizationId":"o` },
    ];
    for (const user of users) await server.check(user, "sso").catch(() => undefined);
    expect(received.filter(mints)).toHaveLength(users.length);
  });

  it("asks for a new token once the one that it keeps is refused", async () => {
    const { server, minted } = await service();
    await server.check({ externalUserId: "u" }, "sso");
    minted.set("u", 7);
    expect(await server.check({ externalUserId: "u" }, "sso")).toMatchObject({ hasAccess: true });
    expect(minted.get("u")).toBe(8);
  });

  it("keeps tokens of as many users as it is told, and forgets who has not asked for longest", async () => {
    const { server, received } = await service(3);
    const check = (user: number) => server.check({ externalUserId: `${user}` }, "sso");
    for (const user of [1, 2, 3, 1, 4, 1]) await check(user);
    expect(received.filter(mints)).toHaveLength(4);
    await check(2);
    expect(received.filter(mints)).toHaveLength(5);
  });

  it.each(["", "sk_", "pk_test_abc", "bos_session_test_abc", "sk_live_ x", "sk_test_…"])(
    "does not begin with %j for its key, and does not repeat it",
    (key) => {
      const begin = () =>
        createCheckoutServer({ functionsUrl: "http://127.0.0.1", organizationKey: key });
      expect(begin).toThrow(
        /^organizationKey must be a whole key: sk_test_ or sk_live_, then letters and digits alone$/,
      );
    },
  );

  it("does not run where there is a page", () => {
    vi.stubGlobal("document", {});
    vi.stubGlobal("process", { ...process, versions: {} });
    try {
      expect(() => createCheckoutServer({ functionsUrl: "http://127.0.0.1", organizationKey }))
        .toThrow("must not run in a browser");
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
