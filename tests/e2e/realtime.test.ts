import { createClient, REALTIME_SUBSCRIBE_STATES } from "@supabase/supabase-js";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { type Snapshot, snapshot } from "../../shared/contract/snapshot.ts";
import { type Watch, watchCheckout } from "../../shared/client/watch.ts";
import { nodeTransport } from "../../stack/realtime/node-transport.ts";
import { eventually, openShop } from "../support/shop.ts";
import { control, stack } from "../support/stack.ts";

const shop = await openShop(stack());
const { apiUrl, publishableKey } = stack();
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
  watches.push(watchCheckout({
    supabase,
    realtime: session.realtime,
    read: () => {
      reads += 1;
      return shop.status(session);
    },
    onSnapshot: (next) => seen.push(next),
  }));
  const isJoined = () =>
    Promise.resolve(supabase.getChannels().some(({ state }) => state === "joined"));
  return {
    seen,
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
    expect(told.map(({ version }) => version)).toEqual([3, 4]);
    expect(told.at(-1)).toEqual(await shop.status(session));
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
