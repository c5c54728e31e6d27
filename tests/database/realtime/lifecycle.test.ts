import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { join, openWorld, soon, token, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const user = (sub: string, expiresIn = 600) =>
  token({ claims: { role: "authenticated", sub, nonce: expiresIn }, expiresIn });

describe("a channel's token", () => {
  it("closes the channel when it expires", async () => {
    const client = await world.client();
    await client.realtime.setAuth(await token({ expiresIn: 3 }));
    const joined = await join(client, "room:1");
    expect(joined.statuses).toEqual(["SUBSCRIBED"]);
    await expect.poll(() => joined.statuses, soon).toEqual(["SUBSCRIBED", "CLOSED"]);
    expect(joined.system.at(-1)?.message).toMatch(/^Token has expired \d+ seconds ago$/);
    const witness = await join(await world.client(), "room:1");
    await world.send("room:1", { late: true });
    await expect.poll(() => witness.payloads, soon).toEqual([{ late: true }]);
    expect(joined.payloads).toEqual([]);
  });

  it("can be renewed before it expires, and the channel stays", async () => {
    const client = await world.client();
    await client.realtime.setAuth(await token({ expiresIn: 3 }));
    const joined = await join(client, "room:1");
    await client.realtime.setAuth(await token({ expiresIn: 600 }));
    // The first token, which lives for three seconds, is over: nothing tells of it.
    await new Promise((resolve) => setTimeout(resolve, 3_300));
    await world.send("room:1", { n: 1 });
    await expect.poll(() => joined.payloads, soon).toEqual([{ n: 1 }]);
    expect(joined.statuses).toEqual(["SUBSCRIBED"]);
  });

  it("renewed for a user who may not read the topic closes the channel", async () => {
    const client = await world.client({ key: await user("ada") });
    const joined = await join(client, "user:ada");
    await client.realtime.setAuth(await user("bob"));
    await expect.poll(() => joined.statuses, soon).toEqual(["SUBSCRIBED", "CLOSED"]);
    expect(joined.system.at(-1)).toMatchObject({
      status: "error",
      message: "You do not have permissions to read from this Channel topic: user:ada",
    });
  });

  it.each([
    ["expired", () => token({ expiresIn: -5 }), /^Token has expired/],
    ["signed with another secret", () => token({ secret: "x".repeat(43) }), /signature/],
    ["no JWT", () => Promise.resolve("open sesame"), /not a valid JWT/],
  ])("renewed with one that is %s closes the channel", async (_, make, message) => {
    const client = await world.client();
    const joined = await join(client, "room:1");
    await client.realtime.setAuth(await make());
    await expect.poll(() => joined.statuses, soon).toEqual(["SUBSCRIBED", "CLOSED"]);
    expect(joined.system.at(-1)?.message).toMatch(message);
  });

  it("renewed asks the INSERT policies again", async () => {
    const key = await user("ada");
    const client = await world.client({ key });
    const sender = await join(client, "chat");
    const listener = await join(await world.client(), "chat");
    const say = (n: number) =>
      sender.channel.send({ type: "broadcast", event: "update", payload: { n } });
    await say(1);
    await client.realtime.setAuth(await token({ claims: { role: "anon" } }));
    await say(2);
    await client.realtime.setAuth(await user("ada", 500));
    await say(3);
    await expect.poll(() => listener.payloads, soon).toEqual([{ n: 1 }, { n: 3 }]);
  });
});

it("a client that left hears nothing more", async () => {
  const client = await world.client();
  const left = await join(client, "room:1");
  const stayed = await join(await world.client(), "room:1");
  expect(await left.channel.unsubscribe()).toBe("ok");
  await world.send("room:1", { n: 1 });
  await expect.poll(() => stayed.payloads, soon).toEqual([{ n: 1 }]);
  expect(left.payloads).toEqual([]);
  expect(left.statuses).toEqual(["SUBSCRIBED", "CLOSED"]);
});

it("a client that left can join again", async () => {
  const client = await world.client();
  const first = await join(client, "room:1");
  await client.removeChannel(first.channel);
  const second = await join(client, "room:1");
  await world.send("room:1", { n: 1 });
  await expect.poll(() => second.payloads, soon).toEqual([{ n: 1 }]);
});

it("a client whose socket is cut rejoins by itself and hears what follows", async () => {
  const server = await world.serve({});
  const client = await world.client({ server, reconnectAfterMs: () => 20 });
  const joined = await join(client, "room:1");
  server.dropConnections();
  await expect.poll(() => joined.statuses, soon).toEqual([
    "SUBSCRIBED",
    "CHANNEL_ERROR",
    "SUBSCRIBED",
  ]);
  await expect.poll(() => joined.system.length, soon).toBe(2);
  await world.send("room:1", { n: 1 });
  await expect.poll(() => joined.payloads, soon).toEqual([{ n: 1 }]);
});

it("a client that has lost its permission does not get back in after a cut", async () => {
  await world.owner.query(
    `create policy guests on realtime.messages for select to anon using (realtime.topic() = 'guests')`,
  );
  const server = await world.serve({});
  const client = await world.client({ server, reconnectAfterMs: () => 20 });
  const joined = await join(client, "guests");
  await world.owner.query("drop policy guests on realtime.messages");
  server.dropConnections();
  await expect.poll(() => joined.errors.at(-1), soon).toMatch(/^Unauthorized: /);
  expect(joined.statuses.filter((status) => status === "SUBSCRIBED")).toHaveLength(1);
});

it("a closed server leaves no replication slot", async () => {
  const slots = async () => {
    const { rows } = await world.superuser.query("select 1 from pg_replication_slots");
    return rows.length;
  };
  const before = await slots();
  const server = await world.serve({});
  expect(await slots()).toBe(before + 1);
  await server.close();
  await expect.poll(slots, soon).toBe(before);
});

// Last: the servers come back to the database when each has waited, and until then one is short of its slot.
it("delivery goes on after a restart of the database, to the same sockets", async () => {
  const joined = await join(await world.client(), "room:1");
  await world.postgres.halt();
  const waiting = await join(await world.client(), "room:2");
  expect(waiting.errors).toEqual([
    "UnableToConnectToProject: Realtime was unable to connect to the project database",
  ]);
  await world.postgres.resume();
  await expect.poll(async () => {
    await world.send("room:1", { n: 1 }).catch(() => {});
    return joined.payloads.at(-1);
  }, soon).toEqual({ n: 1 });
  expect(joined.statuses).toEqual(["SUBSCRIBED"]);
});
