import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import {
  beginArguments,
  complete,
  newToken,
  openDatabase,
  openShop,
  ORGANIZATION,
  record,
} from "./support.ts";
import { as, openAuth, type SignedIn } from "./signed-in.ts";

const database = await openDatabase();
const [service, other, owner] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);
const auth = await openAuth(database.superuserUrl);

const setUsers = (users: string, organizationId = ORGANIZATION) =>
  owner.rows("update billing.organizations set auth_users = $2 where id = $1", [
    organizationId,
    users,
  ]);

let user: SignedIn;
beforeEach(async () => {
  await setUsers("users");
  user = await auth.signIn();
});

const begin = (caller: SignedIn, changes: Record<string, unknown> = {}, livemode = false) =>
  service.call<{ outcome: string; session: { id: string } }>("begin_checkout", {
    ...beginArguments(caller.sessionId, changes),
    ...as(caller, livemode),
  });

/** Each way in that a user has, and what it answers. */
const doors = async (caller: SignedIn, livemode = false) => {
  const session = await service.call<{ session: { id: string } }>(
    "begin_checkout",
    beginArguments(await newToken(service, keyDigest)),
  );
  const proof = as(caller, livemode);
  const id = session.session.id;
  const outcomes = [
    await service.call("read_entitlements", proof),
    await service.call("read_products", proof),
    await service.call("cancel_session", { p_session_id: id, ...proof }),
    await service.call("complete_free_checkout", { p_session_id: id, ...proof }),
    await begin(caller, {}, livemode),
  ];
  return outcomes.map(({ outcome }) => outcome);
};
const shut = Array.from({ length: 5 }, () => "unauthorized");

describe("a signed-in user", () => {
  it("is let in wherever a session token is, and is a stranger to others' sessions", async () => {
    expect(await doors(user)).toEqual(["read", "read", "not_found", "not_found", "created"]);
  });

  it("is the customer whose external id is the user's id", async () => {
    const { session } = await begin(user);
    expect(
      await service.row(
        "select organization_id, external_user_id from billing.checkout_sessions where id = $1",
        [session.id],
      ),
    ).toEqual({ organization_id: ORGANIZATION, external_user_id: user.userId });
    expect(await service.call("read_checkout", { p_session_id: session.id, ...as(user, false) }))
      .toMatchObject({ owner: { topic: `checkout:${session.id}` } });
  });

  it("is the same customer as a session token's for that user", async () => {
    const token = await newToken(service, keyDigest, user.userId);
    const { session } = await begin(user);
    expect(
      await service.call("cancel_session", {
        p_session_id: session.id,
        p_token_id: token,
        p_livemode: false,
      }),
    ).toMatchObject({ outcome: "ended" });
  });

  it("who asks again gets the open session back, and after signing in again another", async () => {
    const first = await begin(user);
    expect(await begin(user)).toMatchObject({ outcome: "existing", session: first.session });
    const again = await auth.signIn({ userId: user.userId });
    expect((await begin(again)).outcome).toBe("created");
  });

  it("who asks twice at once gets one session", async () => {
    const both = await Promise.all([
      begin(user),
      other.call<{ session: { id: string } }>("begin_checkout", {
        ...beginArguments(user.sessionId),
        ...as(user, false),
      }),
    ]);
    expect(new Set(both.map(({ session }) => session.id)).size).toBe(1);
  });

  it("is counted as one, however often signed in", async () => {
    await owner.rows(
      "update billing.rate_limits set max_count = 2 where name = 'create_per_token'",
    );
    const again = await auth.signIn({ userId: user.userId });
    await begin(user, { p_request_hash: "one" });
    await begin(again, { p_request_hash: "two" });
    expect(await begin(user, { p_request_hash: "three" })).toMatchObject({
      outcome: "rate_limited",
    });
    expect((await begin(await auth.signIn())).outcome).toBe("created");
    await owner.rows(
      "update billing.rate_limits set max_count = 60 where name = 'create_per_token'",
    );
  });

  it("sees no owner's side of another user's session", async () => {
    const { session } = await begin(user);
    const stranger = await auth.signIn();
    expect(
      await service.call("read_checkout", { p_session_id: session.id, ...as(stranger, false) }),
    ).toMatchObject({ owner: null });
  });
});

const signedOut = (sql: string) => async () => {
  await auth.rows(sql, [user.userId]);
  return user;
};

describe("a user's own token opens nothing", () => {
  it.each<[string, () => Promise<SignedIn>]>([
    ["after signing out", signedOut("delete from auth.sessions where user_id = $1")],
    ["after the user was deleted", signedOut("delete from auth.users where id = $1")],
    [
      "after the user was deleted softly",
      signedOut("update auth.users set deleted_at = now() where id = $1"),
    ],
    [
      "while the user is banned",
      signedOut("update auth.users set banned_until = now() + interval '1 day' where id = $1"),
    ],
    [
      "after its session's end",
      signedOut(
        "update auth.sessions set not_after = now() - interval '1 second' where user_id = $1",
      ),
    ],
    ["with another user's session", async () => ({
      userId: user.userId,
      sessionId: (await auth.signIn()).sessionId,
    })],
    ["with a session that there never was", async () => ({ ...user, sessionId: randomUUID() })],
    ["of an anonymous user, where these are not let in", () => auth.signIn({ anonymous: true })],
    ["of nobody that Auth knows, with a session token's id", async () => ({
      userId: randomUUID(),
      sessionId: await newToken(service, keyDigest),
    })],
    ["of a user, with the id of a session token for that user", async () => ({
      userId: user.userId,
      sessionId: await newToken(service, keyDigest, user.userId),
    })],
    ["at an organization that has no such customers", async () => {
      await setUsers("off");
      return user;
    }],
  ])("%s", async (_when, make) => {
    expect(await doors(await make())).toEqual(shut);
  });

  it("in the other mode than the organization's", async () => {
    expect(await doors(user, true)).toEqual(shut);
  });

  it("after the organization revoked that session", async () => {
    await begin(user);
    expect(
      await service.call("revoke_session_token", {
        p_key_digest: keyDigest,
        p_token_id: user.sessionId,
        p_livemode: false,
      }),
    ).toMatchObject({ outcome: "revoked" });
    expect(await doors(user)).toEqual(shut);
  });

  it("and the row that its checkout left is no session token", async () => {
    await begin(user);
    expect(
      await service.call("read_products", { p_token_id: user.sessionId, p_livemode: false }),
    ).toEqual({ outcome: "unauthorized" });
    expect(await service.call("begin_checkout", beginArguments(user.sessionId)))
      .toEqual({ outcome: "unauthorized" });
  });

  it("in a database without Supabase Auth", async () => {
    await auth.rows("alter table auth.sessions rename to elsewhere");
    try {
      expect(await doors(user)).toEqual(shut);
    } finally {
      await auth.rows("alter table auth.elsewhere rename to sessions");
    }
  });
});

describe("an organization whose customers are the project's users", () => {
  it("lets anonymous ones in where it says so", async () => {
    await setUsers("users_and_anonymous");
    const outcomes = await doors(await auth.signIn({ anonymous: true }));
    expect(outcomes).not.toContain("unauthorized");
  });

  it("that gives them to another lets who is signed in buy there, and nothing of the first", async () => {
    await begin(user);
    await setUsers("off");
    const next = await owner.row<{ id: string }>(
      "insert into billing.organizations (name, auth_users) values ('Next', 'users') returning id",
    );
    // The same cart: the first organization's session is not given back, and its price is not the next one's.
    expect(await begin(user)).toEqual({ outcome: "price_not_found" });
    await owner.rows("update billing.organizations set auth_users = 'off' where id = $1", [
      next.id,
    ]);
    await setUsers("users");
    expect((await begin(user)).outcome).toBe("existing");
    await owner.rows("delete from billing.organizations where id = $1", [next.id]);
  });

  it("is one in each mode, and live comes first where the caller names none", async () => {
    const live = await owner.row<{ id: string }>(
      "insert into billing.organizations (name, livemode, auth_users) values ('Live', true, 'users') returning id",
    );
    await expect(owner.rows(
      "insert into billing.organizations (name, auth_users) values ('Second', 'users')",
    )).rejects.toThrow(/organizations_auth_users_key/);
    const found = await owner.rows<{ id: string }>(
      "select (billing_private.users_organization(mode)).id from unnest(array[null, true, false]) mode",
    );
    expect(found.map(({ id }) => id)).toEqual([live.id, live.id, ORGANIZATION]);
    await owner.rows("delete from billing.organizations where id = $1", [live.id]);
  });
});

const person = () => ({ p_organization_id: ORGANIZATION, p_external_id: user.userId });

describe("a user's data", () => {
  it("are exported under the user's id", async () => {
    const { session } = await begin(user);
    expect(JSON.stringify(await service.call("export_customer", person()))).toContain(session.id);
  });

  it("are erased under it, and the session that they were made in opens nothing more", async () => {
    const { session } = await begin(user);
    await service.call("cancel_session", { p_session_id: session.id, ...as(user, false) });
    expect(await service.call("erase_customer", person())).toMatchObject({ outcome: "erased" });
    expect(await doors(user)).toEqual(shut);
    const left = await owner.row<{ count: string }>(
      `select (select count(*) from billing.session_tokens where external_user_id = $1)
         + (select count(*) from billing.checkout_sessions where external_user_id = $1)
         + (select count(*) from billing.rate_counters where subject = billing_private.customer_subject($2, $1)) as count`,
      [user.userId, ORGANIZATION],
    );
    expect(left.count).toBe("0");
  });
});

it("a user's session that opened nothing is pruned, and one that did stays", async () => {
  const idle = await auth.signIn();
  await begin(user);
  expect(await begin(idle, { p_price_id: "no-such-price" })).toEqual({
    outcome: "price_not_found",
  });
  await owner.rows(
    "update billing.session_tokens set created_at = now() - interval '3 days', expires_at = now() - interval '2 days' where id = any ($1)",
    [[idle.sessionId, user.sessionId]],
  );
  await service.call("prune", { p_limit: 100, p_days: 30 });
  const left = await owner.rows("select id from billing.session_tokens where id = any ($1)", [[
    idle.sessionId,
    user.sessionId,
  ]]);
  expect(left).toEqual([{ id: user.sessionId }]);
});

it("a user's session that was revoked opens nothing, however long ago that was", async () => {
  await begin(user, { p_price_id: "no-such-price" });
  await service.call("revoke_session_token", {
    p_key_digest: keyDigest,
    p_token_id: user.sessionId,
    p_livemode: false,
  });
  await owner.rows(
    "update billing.session_tokens set created_at = now() - interval '3 days', expires_at = now() - interval '2 days' where id = $1",
    [user.sessionId],
  );
  await service.call("prune", { p_limit: 100, p_days: 30 });
  expect(await doors(user)).toEqual(shut);
});

it("a paid session of a user grants its features to that user", async () => {
  const { session } = await begin(user);
  await service.call("attach_payment_intent", {
    p_session_id: session.id,
    p_stripe_payment_intent_id: `pi_${user.userId}`,
    p_client_secret_digest: randomUUID(),
    p_status: "requires_payment_method",
  });
  const opened = { sessionId: session.id, intentId: `pi_${user.userId}` };
  await record(service, opened, "succeeded");
  await complete(service, opened);
  const read = await service.call<{ entitlements: unknown[] }>("read_entitlements", as(user));
  expect(read.entitlements.length).toBeGreaterThan(0);
});
