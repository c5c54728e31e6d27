import { createHash } from "node:crypto";
import { atMost, type Figure, type Measure } from "../figure.ts";
import { number } from "../report/words.ts";
import type { Books } from "../sql/books.ts";
import { GROWING, populate } from "../sql/population.ts";
import { type Scans, scansOf } from "../sql/scans.ts";
import { timed, timedRolledBack } from "../sql/timed.ts";

const FEW = 10_000;
/** The newest sessions, which are in use: a sheet asks for what was written a moment ago. */
const IN_USE = 500;
/** Calls of one measurement. */
const READS = 60;
const WRITES = 15;

/** What a call costs once many have been made, beside a database that is young. */
export const growth: Figure = {
  name: "growth",
  title: "The same calls with many sessions in the database",
  unit: "ms",
  yardstick: "the same call with 10 thousand sessions in the database",
  rounds: 11,
  async open(ground) {
    const many = ground.sessions ?? (ground.brief ? FEW * 2 : ground.large ? 5_000_000 : 1_000_000);
    const young = await ground.books();
    await populate(young, FEW);
    const old = await ground.books();
    await populate(old, many);
    const [oldCalls, youngCalls] = [callsOn(old, many), callsOn(young, FEW)];
    for (const [books, sessions] of [[old, many], [young, FEW]] as const) {
      await inUse(books, sessions);
    }
    const rows = Object.entries(oldCalls).map(([name, { measure }]) => ({
      name,
      measure,
      yardstick: youngCalls[name]?.measure ?? measure,
      target: atMost(1.1),
    }));
    return {
      rows,
      notes: async () => {
        const scans: [string, Scans][] = [];
        for (const [name, { work }] of Object.entries(oldCalls)) {
          scans.push([name, await scansOf(old.service, work)]);
        }
        const { bytes } = await old.owner.row<{ bytes: string }>(
          `select sum(pg_total_relation_size(to_regclass('billing.' || t))) as bytes
           from unnest($1::text[]) t`,
          [GROWING],
        );
        return [
          `${
            number(many)
          } sessions, with their tokens, customers, payments, attempts and events; a fourth were paid. They take ${
            number(Number(bytes) / many / 1024)
          } KB each, indexes included.`,
          ...scans.map(([name, { sequential, fetched }]) =>
            `${name}: ${sequential} rows read in sequence, ${fetched} found by an index.`
          ),
        ];
      },
      async close() {
        await young.close();
        await old.close();
      },
    };
  },
};

interface Call {
  readonly work: () => Promise<unknown>;
  readonly measure: Measure;
}

const read = (work: () => Promise<unknown>): Call => ({ work, measure: timed(READS, work) });

const readSession = ({ service }: Books, n: number) =>
  service.call("read_checkout", { p_session_id: uuidOf(`session${n}`) });
const readFeatures = ({ service }: Books, n: number) =>
  service.call("read_entitlements", { p_token_id: uuidOf(`token${n}`), p_livemode: false });

/** Reads the newest once, so that they are in memory as what was just written is. */
async function inUse(books: Books, sessions: number): Promise<void> {
  for (let n = sessions - IN_USE + 1; n <= sessions; n += 1) {
    await readSession(books, n);
    await readFeatures(books, n);
  }
}

function callsOn(books: Books, sessions: number): Readonly<Record<string, Call>> {
  const { service } = books;
  /** Another one each time, of all there are. */
  const any = () => 1 + Math.floor(Math.random() * sessions);
  const write = (work: () => Promise<unknown>): Call => ({
    work,
    measure: timedRolledBack(service, WRITES, () => Promise.resolve(), work),
  });
  const begin: Call = {
    work: async () => books.begin(await books.token()),
    measure: timedRolledBack(service, WRITES, () => books.token(), (token) => books.begin(token)),
  };
  const newest = () => sessions - Math.floor(Math.random() * IN_USE);
  return {
    "read_checkout, in use": read(() => readSession(books, newest())),
    "read_checkout, any": read(() => readSession(books, any())),
    "read_entitlements, in use": read(() => readFeatures(books, newest())),
    "read_entitlements, any": read(() => readFeatures(books, any())),
    "begin_checkout": begin,
    "receive_event": write(() => books.receive()),
    "claim_sessions, none due": write(() => service.call("claim_sessions", { p_limit: 100 })),
    "claim_events, none due": write(() =>
      service.call("claim_events", { p_limit: 100, p_lease_seconds: 60 })
    ),
  };
}

/** As `md5(…)::uuid` of Postgres makes it. */
const uuidOf = (text: string): string =>
  createHash("md5").update(text).digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
