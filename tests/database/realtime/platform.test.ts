import { afterAll, beforeAll, expect, it } from "vitest";
import { openWorld, type World } from "./support.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const rows = async (topic: string) => {
  const result = await world.superuser.query<{ id: string; payload: unknown; private: boolean }>(
    "select id, payload, private from realtime.messages where topic = $1",
    [topic],
  );
  return result.rows;
};

it("a sent message is private unless said otherwise and carries its row's id", async () => {
  await world.owner.query("select realtime.send('{\"a\": 1}', 'update', 'sent:1')");
  const [row] = await rows("sent:1");
  expect(row).toMatchObject({ private: true, payload: { a: 1, id: row?.id } });
});

it("a payload that has an id keeps it", async () => {
  await world.owner.query("select realtime.send('{\"id\": \"mine\"}', 'update', 'sent:2')");
  expect(await rows("sent:2")).toMatchObject([{ payload: { id: "mine" } }]);
});

it("a broadcast that cannot be written does not fail the transaction that sent it", async () => {
  await world.owner.query("begin; select realtime.send('{}', 'update', null); commit");
  const { rows: alive } = await world.owner.query("select 1 as one");
  expect(alive).toEqual([{ one: 1 }]);
});

it("there is no topic outside a join or a send", async () => {
  const { rows: topics } = await world.owner.query("select realtime.topic() as topic");
  expect(topics).toEqual([{ topic: null }]);
});

it("the migrating role is no superuser and still makes policies on realtime.messages", async () => {
  const { rows: roles } = await world.owner.query(
    "select rolsuper from pg_roles where rolname = current_user",
  );
  expect(roles).toEqual([{ rolsuper: false }]);
  await world.owner.query(`
    create policy temporary on realtime.messages for select to anon using (false);
    drop policy temporary on realtime.messages;
  `);
});

it.each(["anon", "authenticated"])(
  "%s reads no message and writes none without a policy",
  async (role) => {
    await world.send("sent:3", { secret: true });
    await world.superuser.query("begin");
    try {
      await world.superuser.query("select set_config('role', $1, true)", [role]);
      const { rows: seen } = await world.superuser.query("select * from realtime.messages");
      expect(seen).toEqual([]);
      await expect(
        world.superuser.query(
          "insert into realtime.messages (topic, extension) values ('sent:3', 'broadcast')",
        ),
      ).rejects.toMatchObject({ code: "42501" });
    } finally {
      await world.superuser.query("rollback");
    }
  },
);

it.each(["anon", "authenticated"])(
  "%s cannot go around the policies through a partition",
  async (role) => {
    await world.superuser.query("begin");
    try {
      const { rows: [partition] } = await world.superuser.query<{ name: string }>(
        "select min(inhrelid::regclass::text) as name from pg_inherits where inhparent = 'realtime.messages'::regclass",
      );
      await world.superuser.query("select set_config('role', $1, true)", [role]);
      await expect(world.superuser.query(`select * from ${partition?.name}`))
        .rejects.toMatchObject({ code: "42501" });
    } finally {
      await world.superuser.query("rollback");
    }
  },
);
