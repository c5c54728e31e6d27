import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { join, openWorld, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld({ isNew: true });
});
afterAll(() => world.close());

const partitions = async () => {
  const { rows } = await world.superuser.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits
     where inhparent = 'realtime.messages'::regclass order by 1`,
  );
  return rows.map(({ name }) => name);
};
const sent = async (topic: string) => {
  await world.send(topic, { a: 1 });
  const { rowCount } = await world.superuser.query(
    "select from realtime.messages where topic = $1",
    [topic],
  );
  return rowCount;
};
/** `messages_2026_11_27`, so many days from today. */
const named = (days: number) => {
  const day = new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  return `realtime.messages_${day.replaceAll("-", "_")}`;
};

describe("a project that no client has joined", () => {
  it("keeps no message, and the transaction that sent it goes on", async () => {
    expect(await partitions()).toEqual([]);
    expect(await sent("room:1")).toBe(0);
  });

  it("has the partitions of yesterday, today and three more days as soon as one has", async () => {
    const before = [-1, 0, 1, 2, 3].map(named);
    await join(await world.client(), "lobby", { private: false });
    // Where the day ended meanwhile, it is the next one's.
    expect([before, [-1, 0, 1, 2, 3].map(named)]).toContainEqual(await partitions());
    expect(await sent("room:2")).toBe(1);
  });

  it("delivers to whoever has joined", async () => {
    const joined = await join(await world.client(), "room:1");
    await world.send("room:1", { a: 2 });
    await expect.poll(() => joined.payloads, { timeout: 60_000 }).toEqual([{ a: 2 }]);
  });
});
