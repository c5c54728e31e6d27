import { createCheckoutClient, type Watch } from "@billingos/checkout";
import { createClient, REALTIME_SUBSCRIBE_STATES } from "@supabase/supabase-js";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { type Snapshot, snapshot } from "../../shared/contract/snapshot.ts";
import { nodeTransport } from "../../stack/realtime/node-transport.ts";
import { whileInvisible } from "../support/invisible-commit.ts";
import { eventually, openShop } from "../support/shop.ts";
import { control, stack } from "../support/stack.ts";
import { uncaught } from "../support/uncaught.ts";

const shop = await openShop(stack());
const { apiUrl, functionsUrl, publishableKey } = stack();
afterAll(() => shop.close());

const browser = () =>
  createClient(apiUrl, publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: nodeTransport },
  });

const watches: Watch[] = [];
const clients: ReturnType<typeof browser>[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.removeAllChannels()));
  await Promise.all(watches.splice(0).map((one) => one.stop()));
});

/** Watches as a page does, with the publishable key alone. */
function watch(session: CreateResponse) {
  const seen: Snapshot[] = [];
  const supabase = browser();
  let reads = 0;
  const client = createCheckoutClient({
    functionsUrl,
    supabase,
    fetch: (...call) => {
      reads += 1;
      return fetch(...call);
    },
  });
  watches.push(client.watch(session, {
    beyondEnd: true,
    onSnapshot: (next) => seen.push(snapshot.parse(next)),
  }));
  const isJoined = () =>
    Promise.resolve(supabase.getChannels().some(({ state }) => state === "joined"));
  return {
    seen,
    reads: () => reads,
    removeAll: () => supabase.removeAllChannels(),
    /** Waits for the reading that follows a join, by when the channel delivers. */
    live: async () => {
      await eventually(isJoined, Boolean);
      const before = reads;
      await eventually(() => Promise.resolve(reads), (now) => now > before);
      await joined(session.realtime.topic);
    },
  };
}

/** A channel to which messages come: Realtime says so where it is asked to. */
async function joined(topic: string, onMessage: (payload: unknown) => void = () => undefined) {
  const client = browser();
  await new Promise<void>((resolve) => {
    client.channel(topic, { config: { private: true, broadcast: { replication_ready: true } } })
      .on("broadcast", { event: "checkout.updated" }, ({ payload }) => onMessage(payload))
      .on("system", {}, () => resolve())
      .subscribe();
  });
  clients.push(client);
  return client;
}

const succeeded = (seen: Snapshot[]) => seen.at(-1)?.status === "succeeded";

describe("a page that watches its session", () => {
  it("sees pending, then each change with a rising version, then the very object that status returns", async () => {
    const session = await shop.create();
    const { seen, live } = watch(session);
    await live();
    await shop.pay(session);
    await eventually(() => Promise.resolve(seen), succeeded);

    expect(seen.map(({ status }) => status)).toEqual(["pending", "processing", "succeeded"]);
    const versions = seen.map(({ version }) => version);
    expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    expect(new Set(versions).size).toBe(versions.length);
    expect(seen.at(-1)).toEqual(await shop.status(session));
  });

  it("is told over the channel and not only by polling", async () => {
    const session = await shop.create();
    const told: Snapshot[] = [];
    await joined(session.realtime.topic, (payload) => told.push(snapshot.parse(payload)));
    await shop.pay(session);
    await eventually(() => Promise.resolve(told), succeeded);
    expect(told.map(({ version }) => version)).toEqual([2, 3]);
    expect(told.at(-1)).toEqual(await shop.status(session));
  });

  it("is told over it again after its app has removed all channels, this one with its own", async () => {
    const session = await shop.create();
    const { seen, live, removeAll } = watch(session);
    await live();
    await removeAll();
    await live();
    await shop.pay(session);
    await eventually(() => Promise.resolve(seen), succeeded);
    expect(seen.map(({ status }) => status)).toEqual(["pending", "processing", "succeeded"]);
  });

  it("is shown a success once whoever asks is answered so, although the channel tells of it before", async () => {
    const session = await shop.create();
    const { seen, live, reads } = watch(session);
    await live();
    const told: Snapshot[] = [];
    await joined(session.realtime.topic, (payload) => told.push(snapshot.parse(payload)));
    const paid = await whileInvisible(shop, session, async () => {
      const answer = shop.pay(session);
      await eventually(() => Promise.resolve(told), succeeded);
      expect((await shop.status(session)).status).toBe("processing");
      const before = reads();
      await eventually(() => Promise.resolve(reads()), (now) => now > before + 1);
      expect(seen.map(({ status }) => status)).not.toContain("succeeded");
      return { answer };
    });
    await eventually(() => Promise.resolve(seen), succeeded);
    expect(await paid.answer).toMatchObject({ success: true });
  });

  it("sees the end although the connection was cut in the midst", async () => {
    const session = await shop.create();
    const { seen } = watch(session);
    await eventually(() => Promise.resolve(seen), ({ length }) => length > 0);
    await control("realtime/drop");
    await shop.pay(session);
    await eventually(() => Promise.resolve(seen), succeeded);
    expect(seen.at(-1)).toEqual(await shop.status(session));
  });

  it("is told of a renewal or a cancellation after the end as the next version", async () => {
    const session = await shop.create();
    await shop.pay(session);
    await shop.idle();
    const { seen } = watch(session);
    await eventually(() => Promise.resolve(seen), succeeded);
    await joined(session.realtime.topic);
    const { subscriptions: [subscription] } = await shop.atStripe(session);
    await shop.stripe.subscriptions.update(subscription?.id ?? "", { cancel_at_period_end: true });
    await eventually(
      () => Promise.resolve(seen),
      (all) => all.at(-1)?.subscription?.cancelAtPeriodEnd === true,
    );
    expect(seen.at(-1)).toEqual(await shop.status(session));
  });
});

describe("pages that watch one session by one client of supabase-js", () => {
  it("are told alike, also one that comes as another leaves, and the channel is left with the last", async () => {
    const session = await shop.create();
    const supabase = browser();
    const client = createCheckoutClient({ functionsUrl, supabase });
    const leaving = client.watch(session, { onSnapshot: () => undefined });
    const left = leaving.stop();
    const told: Snapshot[] = [];
    watches.push(client.watch(session, { onSnapshot: (next) => told.push(next) }));
    const iterated = (async () => {
      const seen: Snapshot[] = [];
      for await (const next of client.watch(session)) seen.push(next);
      return seen;
    })();
    await left;
    await eventually(
      () => Promise.resolve(supabase.getChannels()),
      ([channel]) => channel?.state === "joined",
    );
    await shop.pay(session);
    const seen = await iterated;
    expect(seen.at(-1)).toEqual(await shop.status(session));
    await eventually(() => Promise.resolve(told), succeeded);
    expect(supabase.getChannels().length).toBeLessThanOrEqual(1);
    await eventually(() => Promise.resolve(supabase.getChannels()), ({ length }) => length === 0);
  });

  it("are each told also where another one's callback throws, which is reported as that page's own", async () => {
    const session = await shop.create();
    const supabase = browser();
    const client = createCheckoutClient({ functionsUrl, supabase });
    const reported = uncaught();
    const own = new Error("of a page");
    const told: Snapshot[] = [];
    watches.push(
      client.watch(session, {
        onSnapshot: () => {
          throw own;
        },
      }),
      client.watch(session, { onSnapshot: (next) => told.push(next) }),
    );
    await eventually(() => Promise.resolve(told), ({ length }) => length > 0);
    await eventually(
      () => Promise.resolve(supabase.getChannels()),
      ([channel]) => channel?.state === "joined",
    );
    await joined(session.realtime.topic);
    await send(session, { ...told[0], version: 98 });
    await eventually(() => Promise.resolve(told.at(-1)?.version), (version) => version === 98);
    expect(new Set(reported)).toEqual(new Set([own]));
  });
});

/** Sends on a session's channel, as the database does and no browser can. */
const send = ({ realtime: { topic, event } }: CreateResponse, payload: unknown) =>
  shop.query("select realtime.send($1, $2, $3, true)", [JSON.stringify(payload), event, topic]);

describe("a message of another form", () => {
  it("moves no page, and the next one does", async () => {
    const session = await shop.create();
    const { seen, live } = watch(session);
    await live();
    const { id } = session;
    const hostile = [
      null,
      [],
      "succeeded",
      { id, version: 99 },
      { id, version: "99", status: "succeeded" },
      { id, version: 1.5, status: "succeeded" },
      { id, version: 99, status: "paid" },
      { id, version: 99, status: "toString" },
      { id: "another", version: 99, status: "succeeded" },
    ];
    for (const payload of hostile) await send(session, payload);
    await shop.query(
      "update billing.checkout_sessions set version = version + 1 where id = $1",
      [session.id],
    );
    await eventually(() => Promise.resolve(seen), ({ length }) => length > 1);
    expect(seen.map(({ version, status }) => [version, status])).toEqual([
      [seen[0]?.version, "pending"],
      [(seen[0]?.version ?? 0) + 1, "pending"],
    ]);
  });

  it("that leaves versions out has the page read at once what it missed", async () => {
    const session = await shop.create();
    const { seen, live, reads } = watch(session);
    await live();
    const began = performance.now();
    const before = reads();
    await send(session, { ...seen.at(-1), version: 99 });
    await eventually(() => Promise.resolve(seen.at(-1)?.version), (version) => version === 99);
    await eventually(() => Promise.resolve(reads()), (now) => now > before);
    // Far sooner than it would have looked by itself.
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

describe("a browser that means harm", () => {
  it("cannot make a page believe that it has paid", async () => {
    const session = await shop.create();
    const { seen, live } = watch(session);
    await live();
    const intruder = browser();
    const channel = intruder.channel(session.realtime.topic, { config: { private: true } });
    await new Promise<void>((resolve) => {
      channel.subscribe((status) => {
        if (status === REALTIME_SUBSCRIBE_STATES.SUBSCRIBED) resolve();
      });
    });
    await channel.send({
      type: "broadcast",
      event: session.realtime.event,
      payload: { ...seen[0], version: 99, status: "succeeded" },
    });
    // A message that is genuine comes after it.
    await shop.query(
      "update billing.checkout_sessions set version = version + 1 where id = $1",
      [session.id],
    );
    await eventually(() => Promise.resolve(seen), ({ length }) => length > 1);
    await intruder.removeAllChannels();
    expect(seen.map(({ status }) => status)).toEqual(["pending", "pending"]);
  });

  it("cannot listen to a session that it cannot name", async () => {
    const intruder = browser();
    const outcome = await new Promise<string>((resolve) => {
      intruder.channel("checkout:*", { config: { private: true } }).subscribe((status) =>
        resolve(status)
      );
    });
    await intruder.removeAllChannels();
    expect(outcome).toBe("CHANNEL_ERROR");
  });

  it.each(["checkout_sessions", "customers", "subscriptions", "webhook_events", "api_keys"])(
    "reads nothing from %s through the API",
    async (table) => {
      const response = await fetch(`${apiUrl}/rest/v1/${table}?select=*`, {
        headers: { apikey: publishableKey, "accept-profile": "billing" },
      });
      expect(response.status).toBe(401);
      // Refused by Postgres, as what exists is.
      expect(await response.json()).toMatchObject({ code: "42501" });
    },
  );
});
