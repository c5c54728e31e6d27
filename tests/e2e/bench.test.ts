import { afterAll, beforeAll, expect, it } from "vitest";
import { database } from "../../bench/figures/database.ts";
import { type Ground, openGround } from "../../bench/ground.ts";
import { measured } from "../../bench/rounds.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await openGround({ large: false, brief: true });
});
afterAll(() => ground.close());

it(
  "the bench measures every call of a checkout in Postgres beside a read by the primary key",
  async () => {
    const { rows } = await measured(database, await database.open(ground), 1);
    expect(rows.map(({ name }) => name.split(",")[0])).toEqual(
      expect.arrayContaining([
        "read_checkout",
        "locate_checkout",
        "begin_checkout",
        "begin_attempt",
        "record_intent",
        "complete_checkout",
        "receive_event",
      ]),
    );
    for (const { value, ratio } of rows) {
      expect(value.median).toBeGreaterThan(0);
      expect(ratio?.median).toBeGreaterThan(0);
    }
  },
  240_000,
);
