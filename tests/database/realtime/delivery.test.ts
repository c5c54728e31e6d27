import { afterAll, beforeAll, expect, it } from "vitest";
import { join, openWorld, soon, token, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const writer = () => token({ claims: { role: "authenticated", sub: "ada" } });
const broadcast = { type: "broadcast", event: "update", payload: { forged: true } } as const;

it("a message from the database reaches every subscriber with its event, payload and id", async () => {
  const [one, two] = await Promise.all([
    join(await world.client(), "room:1"),
    join(await world.client(), "room:1"),
  ]);
  await world.send("room:1", { n: 1 });
  for (const { messages } of [one, two]) {
    await expect.poll(() => messages, soon).toHaveLength(1);
    const id: unknown = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(messages).toEqual([
      { type: "broadcast", event: "update", payload: { n: 1, id }, meta: { id } },
    ]);
  }
});

it("a client of the older serializer gets the same messages", async () => {
  const { payloads } = await join(await world.client({ vsn: "1.0.0" }), "room:1");
  await world.send("room:1", { n: 1 });
  await expect.poll(() => payloads, soon).toEqual([{ n: 1 }]);
});

it("messages arrive in the order of their commits", async () => {
  const { payloads } = await join(await world.client(), "room:1");
  const numbers = Array.from({ length: 50 }, (_, n) => ({ n }));
  for (const payload of numbers) await world.send("room:1", payload);
  await expect.poll(() => payloads, soon).toEqual(numbers);
});

it("a message is seen after its commit and not before, and never after a rollback", async () => {
  const { payloads } = await join(await world.client(), "room:1");
  const first = await world.owner.connect();
  const second = await world.owner.connect();
  const send = "select realtime.send($1, 'update', 'room:1', true)";
  try {
    await first.query("begin");
    await first.query(send, [{ from: "first" }]);
    await second.query("begin");
    await second.query(send, [{ from: "second, rolled back" }]);
    await second.query("rollback");
    await second.query(send, [{ from: "second" }]);
    await expect.poll(() => payloads, soon).toEqual([{ from: "second" }]);
    await first.query("commit");
    await expect.poll(() => payloads, soon).toEqual([{ from: "second" }, { from: "first" }]);
  } finally {
    first.release();
    second.release();
  }
});

it("a trigger function of the migrating role sends", async () => {
  await world.owner.query(`
    create table public.jobs (id int primary key);
    create function public.announce() returns trigger language plpgsql security definer
      set search_path = '' as $$
      begin
        perform realtime.send(jsonb_build_object('job', new.id), 'update', 'room:2', true);
        return new;
      end $$;
    create trigger announce after insert on public.jobs
      for each row execute function public.announce();
  `);
  const { payloads } = await join(await world.client(), "room:2");
  await world.owner.query("insert into public.jobs values (7)");
  await expect.poll(() => payloads, soon).toEqual([{ job: 7 }]);
});

it("nothing crosses from one topic to another", async () => {
  const client = await world.client();
  const one = await join(client, "room:1");
  const two = await join(client, "room:2");
  for (const topic of ["room:3", "room:", "room:*", "*", "room:12", "realtime:room:1", "room:2"]) {
    await world.send(topic, { topic });
  }
  await world.send("room:1", { topic: "room:1" });
  await expect.poll(() => one.payloads, soon).toEqual([{ topic: "room:1" }]);
  expect(two.payloads).toEqual([{ topic: "room:2" }]);
});

it("a topic named as a wildcard receives its own messages only", async () => {
  const star = await join(await world.client(), "room:*", { private: false });
  await world.send("room:1", { to: "room:1" }, false);
  await world.send("room:*", { to: "room:*" }, false);
  await expect.poll(() => star.payloads, soon).toEqual([{ to: "room:*" }]);
});

it("private messages reach private channels only, public ones public channels only", async () => {
  const hidden = await join(await world.client(), "room:1");
  const open = await join(await world.client(), "room:1", { private: false });
  await world.send("room:1", { for: "private" });
  await world.send("room:1", { for: "public" }, false);
  await world.send("room:1", { for: "private again" });
  await world.send("room:1", { for: "public again" }, false);
  await expect.poll(() => hidden.payloads, soon).toEqual([{ for: "private" }, {
    for: "private again",
  }]);
  await expect.poll(() => open.payloads, soon).toEqual([{ for: "public" }, {
    for: "public again",
  }]);
});

it("what is sent between the answer to a join and its going live is missed", async () => {
  const server = await world.serve({ liveDelayMs: 300 });
  const { payloads, statuses } = await join(await world.client({ server }), "room:1", {
    live: false,
  });
  await world.send("room:1", { n: "early" });
  expect(statuses).toEqual(["SUBSCRIBED"]);
  await expect.poll(async () => {
    await world.send("room:1", { n: "later" });
    return payloads.length;
  }, soon).toBeGreaterThan(0);
  expect(payloads).not.toContainEqual({ n: "early" });
});

it.each([["1.0.0"], ["2.0.0"]])(
  "a forged broadcast is seen by nobody (serializer %s)",
  async (vsn) => {
    const victim = await join(await world.client(), "room:1");
    const attacker = await join(await world.client({ vsn }), "room:1", { self: true });
    await attacker.channel.send(broadcast);
    await world.send("room:1", { genuine: true });
    await expect.poll(() => victim.payloads, soon).toEqual([{ genuine: true }]);
    await expect.poll(() => attacker.payloads, soon).toEqual([{ genuine: true }]);
  },
);

it("a forger who asks for an answer gets none", async () => {
  const attacker = await join(await world.client({ timeout: 1_000 }), "room:1", { ack: true });
  expect(await attacker.channel.send(broadcast)).toBe("timed out");
});

it("a broadcast to a topic that the sender has not joined is seen by nobody", async () => {
  const victim = await join(await world.client(), "room:1");
  const client = await world.client();
  const elsewhere = await join(client, "room:2");
  const { topic } = victim.channel;
  client.realtime.push({ topic, event: "broadcast", payload: broadcast, ref: "99" });
  await elsewhere.channel.send(broadcast);
  await world.send("room:1", { genuine: true });
  await expect.poll(() => victim.payloads, soon).toEqual([{ genuine: true }]);
});

it.each([["1.0.0"], ["2.0.0"]])(
  "a broadcast that an INSERT policy allows reaches the others (serializer %s)",
  async (vsn) => {
    const key = await writer();
    const sender = await join(await world.client({ key, vsn }), "chat", { ack: true });
    const newer = await join(await world.client(), "chat");
    const older = await join(await world.client({ vsn: "1.0.0" }), "chat");
    expect(await sender.channel.send({ ...broadcast, payload: { hello: 1 } })).toBe("ok");
    await expect.poll(() => newer.messages, soon).toMatchObject([{
      event: "update",
      payload: { hello: 1 },
    }]);
    await expect.poll(() => older.messages, soon).toMatchObject([{
      event: "update",
      payload: { hello: 1 },
    }]);
    expect(sender.messages).toEqual([]);
  },
);

it("a sender hears itself where it asked to", async () => {
  const sender = await join(await world.client({ key: await writer() }), "chat", { self: true });
  await sender.channel.send({ ...broadcast, payload: { hello: 1 } });
  await expect.poll(() => sender.payloads, soon).toEqual([{ hello: 1 }]);
});

it("binary data passes unchanged", async () => {
  const sender = await join(await world.client(), "lobby", { private: false });
  const listener = await join(await world.client(), "lobby", { private: false });
  const data = new Uint8Array([0, 1, 254, 255]).buffer;
  await sender.channel.send({ type: "broadcast", event: "blob", payload: data });
  await expect.poll(() => listener.messages, soon).toHaveLength(1);
  const [message] = listener.messages;
  expect(message?.payload instanceof ArrayBuffer && [...new Uint8Array(message.payload)])
    .toEqual([0, 1, 254, 255]);
});

it("over HTTP too a private broadcast needs an INSERT policy", async () => {
  const room = await join(await world.client(), "room:1");
  const chat = await join(await world.client(), "chat");
  const config = { config: { private: true } };
  const anonymous = await world.client();
  await anonymous.channel("room:1", config).httpSend("update", { forged: true });
  await anonymous.channel("chat", config).httpSend("update", { forged: true });
  const known = await world.client({ key: await writer() });
  await known.realtime.setAuth(await writer());
  await known.channel("chat", config).httpSend("update", { genuine: true });
  await world.send("room:1", { genuine: true });
  await expect.poll(() => chat.payloads, soon).toEqual([{ genuine: true }]);
  await expect.poll(() => room.payloads, soon).toEqual([{ genuine: true }]);
});

it("a topic may be written by one who may not read it", async () => {
  const admin = await token({ claims: { role: "service_role" } });
  const reader = await join(await world.client({ key: admin }), "drop");
  const client = await world.client({ key: await writer() });
  await client.realtime.setAuth(await writer());
  expect((await join(client, "drop")).statuses).toEqual(["CHANNEL_ERROR"]);
  const outside = await world.client();
  await outside.realtime.setAuth(await writer());
  await outside.channel("drop", { config: { private: true } }).httpSend("update", { n: 1 });
  await expect.poll(() => reader.payloads, soon).toEqual([{ n: 1 }]);
});

it("over HTTP a public broadcast reaches public channels and no private one", async () => {
  const hidden = await join(await world.client(), "room:1");
  const open = await join(await world.client(), "room:1", { private: false });
  await (await world.client()).channel("room:1").httpSend("update", { public: true });
  await world.send("room:1", { private: true });
  await expect.poll(() => hidden.payloads, soon).toEqual([{ private: true }]);
  await expect.poll(() => open.payloads, soon).toEqual([{ public: true }]);
});

it("over HTTP an opaque key is the token that it stands for", async () => {
  const server = await world.serve({ apiKeys: { sb_publishable_1: await token({}) } });
  const client = await world.client({ server, key: "sb_publishable_1" });
  const open = await join(client, "room:1", { private: false });
  const sender = await world.client({ server, key: "sb_publishable_1" });
  await sender.channel("room:1").httpSend("update", { n: 1 });
  await expect.poll(() => open.payloads, soon).toEqual([{ n: 1 }]);
});

it.each([
  ["no token", undefined, { messages: [] }, 401],
  ["a token of another secret", () => token({ secret: "x".repeat(43) }), { messages: [] }, 401],
  ["no messages", writer, { messages: [] }, 422],
  ["a message without a topic", writer, { messages: [{ event: "e", payload: {} }] }, 422],
])("HTTP with %s is refused", async (_, bearer, body, status) => {
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${await bearer()}` };
  const response = await fetch(
    `${world.realtime.url.replace("ws:", "http:")}/realtime/v1/api/broadcast`,
    {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    },
  );
  expect(response.status).toBe(status);
});
