import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Rows } from "../../../scripts/console/connection.ts";
import { findSessions } from "../../../scripts/console/find.ts";
import { readOverview, readWaiting } from "../../../scripts/console/overview.ts";
import { readSession } from "../../../scripts/console/session.ts";
import { readTrends } from "../../../scripts/console/trends.ts";
import { readsOf } from "./measure.ts";
import { type Connection, ORGANIZATION } from "../support.ts";

/** Law 13: what is read again every two seconds costs what is live, dead or owed, never what ever was. */

/** Who has a session that is open, where the rest is history. */
export const LIVING = "a customer";

/** @param owner of a database that has a long past */
export function describeConsole(owner: Connection): void {
  const rows: Rows = <Row extends object>(sql: string, values: readonly unknown[] = []) =>
    owner.rows<Row>(sql, [...values]);

  const looks: [string, () => Promise<unknown>][] = [
    ["the screen", () => readOverview(rows, null)],
    ["one organization's screen", () => readOverview(rows, ORGANIZATION)],
    ["the events that wait", () => readWaiting(rows, null, 10)],
    ["the charts", () => readTrends(rows, null)],
    ["one organization's charts", () => readTrends(rows, ORGANIZATION)],
  ];

  describe.each([
    ["that no statistics tell of", false],
    ["that was analyzed", true],
  ])("a long past %s", (_name, analyzed) => {
    beforeAll(async () => {
      if (analyzed) await owner.rows("analyze");
    });

    it.each(looks)("is not searched through for %s", async (_what, look) => {
      expect((await readsOf(owner, look)).sequential).toBe(0);
    });

    it.each([LIVING, "pi_past77", "sub_past78", "nobody"])(
      "is not searched through for the session of %s, or for its timeline",
      async (name) => {
        const { sequential, answer } = await readsOf(owner, async () => {
          const [found] = await findSessions(rows, name, null);
          return found && readSession(rows, found.id);
        });
        expect(sequential).toBe(0);
        expect(answer === undefined).toBe(name === "nobody");
      },
    );
  });

  /** The indexes in the plans of what is asked. */
  async function indexesOf(look: (asked: Rows) => Promise<unknown>): Promise<Set<string>> {
    const found = new Set<string>();
    await look(async <Row extends object>(sql: string, values: readonly unknown[] = []) => {
      const plan = await owner.rows(`explain (format json, costs off) ${sql}`, [...values]);
      for (const [, name = ""] of JSON.stringify(plan).matchAll(/"Index Name":"(\w+)"/g)) {
        found.add(name);
      }
      return rows<Row>(sql, values);
    });
    return found;
  }

  describe("each question", () => {
    it.each<[string, (asked: Rows) => Promise<unknown>, string[]]>([
      ["of the screen", (asked) => readOverview(asked, null), [
        "checkout_sessions_unfinished_of_product_idx",
        "checkout_attempts_session_number_key",
        "payment_intents_owed_idx",
        "webhook_events_dead_idx",
      ]],
      ["of the charts", (asked) => readTrends(asked, null), [
        "checkout_sessions_opened_day_idx",
        "checkout_sessions_completed_day_idx",
        "checkout_attempts_refused_day_idx",
      ]],
      ["of a timeline", async (asked) => {
        const [found] = await findSessions(asked, "pi_past76", null);
        await readSession(asked, found?.id ?? "");
      }, ["payment_intents_stripe_payment_intent_id_key", "webhook_events_about_idx"]],
      ["of a customer", (asked) => findSessions(asked, LIVING, null), [
        "checkout_sessions_external_user_id_idx",
      ]],
    ])("%s is answered by an index of its own", async (_what, look, indexes) => {
      const used = await indexesOf(look);
      expect(indexes.filter((name) => !used.has(name))).toEqual([]);
    });
  });

  describe("without its indexes", () => {
    beforeEach(() => owner.rows("begin"));
    afterEach(() => owner.rows("rollback"));

    it.each([
      ["payment_intents_owed_idx", () => readOverview(rows, null)],
      ["checkout_sessions_opened_day_idx", () => readTrends(rows, null)],
      ["checkout_sessions_external_user_id_idx", () => findSessions(rows, LIVING, null)],
    ])("%s the past is searched through: these tests can fail", async (index, look) => {
      await owner.rows(`drop index billing.${index}`);
      const read = async () =>
        Number(
          (await owner.row<{ read: string }>(
            `select coalesce(sum(seq_tup_read), 0) as read from pg_stat_xact_user_tables
           where schemaname = 'billing'`,
          )).read,
        );
      const before = await read();
      await look();
      expect(await read() - before).toBeGreaterThan(10_000);
    });
  });
}
