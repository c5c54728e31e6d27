import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  join,
  openRaw,
  openWorld,
  reason,
  soon,
  token,
  unsignedToken,
  type World,
} from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const refusal = (topic: string) =>
  `Unauthorized: You do not have permissions to read from this Channel topic: ${topic}`;

it("a private topic is joined where a policy lets the role read it", async () => {
  const joined = await join(await world.client(), "room:1");
  expect(joined.statuses).toEqual(["SUBSCRIBED"]);
  expect(joined.system).toMatchObject([{
    status: "ok",
    message: "Replication connection established",
  }]);
});

it("a policy may speak of the claims of the token", async () => {
  const ada = await token({ claims: { role: "authenticated", sub: "ada" } });
  const client = await world.client({ key: ada });
  expect((await join(client, "user:ada")).statuses).toEqual(["SUBSCRIBED"]);
  expect((await join(client, "user:bob")).errors).toEqual([refusal("user:bob")]);
});

it.each([
  ["another topic", "room:3"],
  ["a wildcard", "*"],
  ["a wildcard room", "room:*"],
  ["a LIKE pattern", "room:%"],
  ["a prefix", "room:"],
  ["a longer name", "room:12"],
  ["another case", "ROOM:1"],
  ["trailing space", "room:1 "],
  ["a nested prefix", "realtime:room:1"],
  ["a quoting attempt", "room:1' or true --"],
  ["a topic whose policy fails", "broken"],
])("%s is refused where no policy names it", async (_, topic) => {
  const { statuses, errors } = await join(await world.client(), topic);
  expect(statuses).toEqual(["CHANNEL_ERROR"]);
  expect(errors).toEqual([refusal(topic)]);
});

it("a role that does not exist reads nothing", async () => {
  const client = await world.client({ key: await token({ claims: { role: "nobody" } }) });
  expect((await join(client, "room:1")).errors).toEqual([refusal("room:1")]);
});

it("a role that row security does not bind joins any topic", async () => {
  const client = await world.client({ key: await token({ claims: { role: "service_role" } }) });
  expect((await join(client, "anything")).statuses).toEqual(["SUBSCRIBED"]);
});

it("a probe leaves no row behind", async () => {
  await join(await world.client(), "room:2");
  const { rows } = await world.superuser.query(
    "select 1 from realtime.messages where topic = 'room:2'",
  );
  expect(rows).toEqual([]);
});

it("a public channel needs no policy", async () => {
  const joined = await join(await world.client(), "lobby", { private: false });
  expect(joined.statuses).toEqual(["SUBSCRIBED"]);
});

it("public channels are refused where the project allows private ones only", async () => {
  const server = await world.serve({ allowPublic: false });
  const { errors } = await join(await world.client({ server }), "lobby", { private: false });
  expect(errors).toEqual(["PrivateOnly: This project only allows private channels"]);
});

it("a socket holds no more channels than the limit", async () => {
  const server = await world.serve({ maxChannelsPerSocket: 1 });
  const client = await world.client({ server });
  expect((await join(client, "room:1")).statuses).toEqual(["SUBSCRIBED"]);
  expect((await join(client, "room:2")).errors).toEqual([
    "ChannelRateLimitReached: Too many channels",
  ]);
});

describe("a token", () => {
  const hostile: [string, () => Promise<string> | string, RegExp][] = [
    ["signed with another secret", () => token({ secret: "x".repeat(43) }), /^JwtSignatureError: /],
    [
      "that has expired",
      () => token({ expiresIn: -1 }),
      /^InvalidJWTToken: Token has expired \d+ seconds ago$/,
    ],
    [
      "without an expiry",
      () => token({ expiresIn: null }),
      /^InvalidJWTToken: Fields `role` and `exp`/,
    ],
    ["without a role", () => token({ claims: {} }), /^InvalidJWTToken: Fields `role` and `exp`/],
    ["of another algorithm", () => token({ alg: "HS512" }), /^JwtSignerError: /],
    ["that nobody signed", unsignedToken, /^(JwtSignerError|MalformedJWT): /],
    ["that is no JWT", () => "open sesame", /^MalformedJWT: /],
  ];

  it.each(hostile)("%s opens no socket", async (_, make) => {
    const query = new URLSearchParams({ apikey: await make(), vsn: "2.0.0" });
    const socket = new WebSocket(`${world.realtime.url}/realtime/v1/websocket?${query.toString()}`);
    const failure = await new Promise<Error>((resolve) => {
      socket.on("error", resolve);
    });
    expect(failure.message).toContain("403");
  });

  it.each(hostile)("%s joins no channel", async (_, make, message) => {
    const client = await world.client();
    await client.realtime.setAuth(await make());
    const { statuses, errors } = await join(client, "room:1");
    expect(statuses).toEqual(["CHANNEL_ERROR"]);
    expect(errors).toEqual([expect.stringMatching(message)]);
  });

  it("shown as an opaque key is the one that the key stands for", async () => {
    const server = await world.serve({ apiKeys: { sb_publishable_1: await token({}) } });
    const client = await world.client({ server, key: "sb_publishable_1" });
    expect((await join(client, "room:1")).statuses).toEqual(["SUBSCRIBED"]);
  });
});

describe("the socket", () => {
  const joinRoom = { config: { private: true } };

  it("answers a heartbeat", async () => {
    const raw = await openRaw(world.realtime, await token({}));
    raw.send(null, "7", "phoenix", "heartbeat", {});
    expect(await raw.next(([, ref]) => ref === "7"))
      .toEqual([null, "7", "phoenix", "phx_reply", { status: "ok", response: {} }]);
    raw.close();
  });

  it("stays open for a client that is silent but for its heartbeat", async () => {
    const beats: string[] = [];
    const server = await world.serve({ idleTimeoutMs: 1_000 });
    const client = await world.client({
      server,
      heartbeatIntervalMs: 200,
      heartbeatCallback: (status) => beats.push(status),
    });
    const joined = await join(client, "room:1");
    await expect.poll(() => beats.filter((beat) => beat === "ok").length, soon)
      .toBeGreaterThan(7);
    expect(beats).not.toContain("timeout");
    expect(joined.statuses).toEqual(["SUBSCRIBED"]);
  });

  it("drops a client that falls silent", async () => {
    const server = await world.serve({ idleTimeoutMs: 50 });
    const raw = await openRaw(server, await token({}));
    expect(await raw.closed).toBe(1006);
  });

  it("closes the earlier of two joins of one topic", async () => {
    const raw = await openRaw(world.realtime, await token({}));
    raw.send("1", "1", "realtime:room:1", "phx_join", joinRoom);
    await raw.next(([, ref, , event]) => ref === "1" && event === "phx_reply");
    raw.send("2", "2", "realtime:room:1", "phx_join", joinRoom);
    expect(await raw.next(([, , , event]) => event === "phx_close"))
      .toEqual(["1", "1", "realtime:room:1", "phx_close", {}]);
    expect(await raw.next(([, ref]) => ref === "2")).toMatchObject({ 4: { status: "ok" } });
    raw.close();
  });

  it("answers an event on a channel that was not joined with an error", async () => {
    const raw = await openRaw(world.realtime, await token({}));
    raw.send("1", "1", "realtime:room:1", "broadcast", {});
    expect(await raw.next(([, ref]) => ref === "1")).toMatchObject({
      4: reason("unmatched topic"),
    });
    raw.close();
  });

  it.each([
    ["realtime:", "TopicNameRequired: You must provide a topic name"],
    ["elsewhere:room:1", "unmatched topic"],
  ])("refuses a join of %s", async (topic, message) => {
    const raw = await openRaw(world.realtime, await token({}));
    raw.send("1", "1", topic, "phx_join", joinRoom);
    expect(await raw.next(([, ref]) => ref === "1")).toMatchObject({ 4: reason(message) });
    raw.close();
  });

  it.each([
    ["no JSON", "{"],
    ["an object where an array is due", "{}"],
    ["a short array", "[1,2]"],
    ["a payload that is no object", '[null,"1","phoenix","heartbeat",7]'],
    ["an empty binary frame", Buffer.from([])],
    ["a binary frame of unknown kind", Buffer.from([9, 0, 0, 0, 0, 0, 0])],
    ["a binary frame cut short", Buffer.from([3, 255, 1, 1, 1, 1, 1])],
  ])("closes on %s and the server lives on", async (_, data) => {
    const raw = await openRaw(world.realtime, await token({}));
    raw.sendRaw(data);
    expect(await raw.closed).toBe(1011);
    expect((await join(await world.client(), "room:1")).statuses).toEqual(["SUBSCRIBED"]);
  });

  it("closes on a frame over the size limit", async () => {
    const server = await world.serve({ maxMessageBytes: 1024 });
    const raw = await openRaw(server, await token({}));
    raw.send(null, "1", "phoenix", "heartbeat", { pad: "x".repeat(2048) });
    expect(await raw.closed).toBe(1009);
  });

  it("closes a channel that sends too fast", async () => {
    const server = await world.serve({ maxMessagesPerSecond: 3 });
    const client = await world.client({ server });
    const joined = await join(client, "lobby", { private: false });
    await Promise.all(
      Array.from(
        { length: 12 },
        () => joined.channel.send({ type: "broadcast", event: "spam", payload: {} }),
      ),
    );
    await expect.poll(() => joined.statuses, soon).toEqual(["SUBSCRIBED", "CLOSED"]);
    expect(joined.system.at(-1)).toMatchObject({
      status: "error",
      message: "Too many messages per second",
    });
  });
});
