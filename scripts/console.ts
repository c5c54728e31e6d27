// `npm run console`: what a project is doing, for whoever has to look: what waits for a person, the checkouts under way, and one
// checkout's whole timeline. Changes nothing but to replay a dead event when told to.
import { inkOf } from "./console/charts.ts";
import { openReading, type Reading } from "./console/connection.ts";
import { findSessions, type Found } from "./console/find.ts";
import { linesOfFile } from "./console/log-file.ts";
import { linesAbout } from "./console/log-lines.ts";
import { readDead, readOverview, readWaiting } from "./console/overview.ts";
import { overviewRows, type Row, timelineRows } from "./console/screen.ts";
import { readSession, stripeNames } from "./console/session.ts";
import { type Entry, inOrder, timelineOf } from "./console/timeline.ts";
import { readTrends, type Trends } from "./console/trends.ts";
import { watch } from "./console/watch.ts";
import { printable } from "./console/words.ts";
import { environmentOf } from "./doctor/settings.ts";
import { eventLine, replayEvent } from "./events/inbox.ts";
import {
  argumentsOf,
  command,
  onDatabase,
  organizationNamed,
  runIfMain,
  type Terminal,
  UsageError,
} from "./operator.ts";

const usage = `usage: npm run console [-- <command>] [--organization <key or id>] [--json]

                  what waits for a person, the live sessions, and charts of the last days: read anew every two seconds
                  where a person sits at the terminal, else once
  session <id>    one session's timeline; by its id, its intent's or subscription's at Stripe, or the customer's id
  events          the events that are dead or wait; \`npm run events\` shows and replays them

  --organization  of one organization; of events, those of its Stripe account
  --once          prints once, also at a terminal
  --json          one JSON document, once
  --log <file>    merges the lines of a log, one JSON object each, into a session's timeline
  --dead          only the events that are dead
  --local         the stack that \`npm start\` or \`npm run stack\` runs on this machine
  --env-file      reads DATABASE_URL from a file

The database is --database or DATABASE_URL, as the role postgres. Times are UTC. Nothing of a person is shown.`;

/** Events that are listed. */
const LISTED = 200;
/** Milliseconds for which charts stay as they are: they read days, and change slowly. */
const TRENDS_STAY = 60_000;

/** The terminal, what it reads, and what it was told. */
interface Desk {
  readonly terminal: Terminal;
  readonly database: string | undefined;
  readonly reading: Reading;
  readonly organization: string | null;
  readonly log: string | undefined;
  readonly json: boolean;
  readonly once: boolean;
  readonly dead: boolean;
}

const print = ({ terminal }: Desk, rows: readonly Row[]) => {
  for (const { text } of rows) terminal.out(text);
};

async function showOverview(desk: Desk): Promise<void> {
  const { terminal, reading: { rows }, organization } = desk;
  const ink = inkOf(terminal.env);
  let kept: { readonly trends: Trends; readonly until: number } | undefined;
  const trends = async (): Promise<Trends> => {
    if (kept === undefined || kept.until < Date.now()) {
      kept = {
        trends: await readTrends(rows, organization),
        until: Date.now() + TRENDS_STAY,
      };
    }
    return kept.trends;
  };
  const overview = async () =>
    overviewRows(await readOverview(rows, organization), await trends(), ink);
  if (desk.json) {
    const { facts: { digestKey: _, ...facts }, ...read } = await readOverview(rows, organization);
    terminal.out(printable(JSON.stringify({ ...read, facts, trends: await trends() })));
    return;
  }
  const first = await overview();
  if (desk.once || terminal.tty === undefined) {
    print(desk, first);
    return;
  }
  await watch(terminal.tty, {
    overview,
    session: async (id) => timelineRows((await timelineWithLog(desk, id)).entries),
    replay: async (id) =>
      await onDatabase(terminal, desk.database, (client) => replayEvent(client, id))
        ? `${id} is due again: the next run of reconcile takes it up`
        : `${id} is not there, or it is being worked on`,
  });
}

async function timelineWithLog({ reading: { rows }, log }: Desk, id: string) {
  const facts = await readSession(rows, id);
  const timeline = timelineOf(facts);
  if (log === undefined) return { entries: timeline, unreadable: 0 };
  const names = new Set([id, ...stripeNames(facts), ...facts.events.map((event) => event.id)]);
  if (facts.subscription !== undefined) names.add(facts.subscription.id);
  const lines = await linesAbout(linesOfFile(log), names, id);
  return { entries: inOrder([...timeline, ...lines.entries]), unreadable: lines.unreadable };
}

const told = ({ at, source, what, isStripes }: Entry) => ({
  at: at.toISOString(),
  source,
  what: printable(what),
  clock: isStripes === true ? "stripe" : "own",
});

const line = (one: Found) =>
  `${one.id}  ${one.organization}  ${one.status}  opened ${one.createdAt.toISOString()}`;

async function showSession(desk: Desk, name: string | undefined): Promise<void> {
  const { terminal, reading: { rows }, organization } = desk;
  if (name === undefined) throw new UsageError("which session?");
  const [session, ...others] = await findSessions(rows, name, organization);
  if (session === undefined) {
    throw new UsageError("no session of that name: it is a session's id, or its customer's");
  }
  const { entries, unreadable } = await timelineWithLog(desk, session.id);
  if (desk.json) {
    terminal.out(JSON.stringify({ session, others, timeline: entries.map(told), unreadable }));
    return;
  }
  terminal.out(`session ${line(session)}`);
  print(desk, timelineRows(entries));
  if (unreadable > 0) terminal.out(`${unreadable} lines of the log are none of a function`);
  if (others.length > 0) terminal.out(`\nolder sessions of this customer: ${others.length}`);
  for (const other of others) terminal.out(`  ${line(other)}`);
}

async function showEvents({ terminal, reading: { rows }, ...desk }: Desk): Promise<void> {
  const { total, events: dead } = await readDead(rows, desk.organization, LISTED);
  const waiting = desk.dead ? [] : await readWaiting(rows, desk.organization, LISTED);
  if (desk.json) {
    const document = { dead: { total, events: dead }, ...(desk.dead ? {} : { waiting }) };
    terminal.out(printable(JSON.stringify(document)));
    return;
  }
  terminal.out(`dead: ${total}`);
  for (const event of dead) terminal.out(printable(eventLine(event)));
  if (dead.length > 0) {
    terminal.out("npm run events -- replay <evt_…> gives one to the next run of reconcile");
  }
  if (desk.dead) return;
  terminal.out(`waiting: ${waiting.length}${waiting.length === LISTED ? " or more" : ""}`);
  for (const event of waiting) terminal.out(printable(eventLine(event)));
}

export const operatorConsole = command(usage, async (typedAt) => {
  const { values, positionals: [verb, name, ...rest] } = argumentsOf(typedAt, {
    allowPositionals: true,
    options: {
      database: { type: "string" },
      organization: { type: "string" },
      log: { type: "string" },
      json: { type: "boolean", default: false },
      once: { type: "boolean", default: false },
      dead: { type: "boolean", default: false },
      local: { type: "boolean", default: false },
      "env-file": { type: "string" },
    },
  });
  const show = new Map<string | undefined, (desk: Desk) => Promise<void>>([
    [undefined, showOverview],
    ["session", (desk) => showSession(desk, name)],
    ["events", showEvents],
  ]).get(verb);
  if (show === undefined || rest.length > 0 || (verb !== "session" && name !== undefined)) {
    throw new UsageError("which command?");
  }
  const env = environmentOf(typedAt, { local: values.local, file: values["env-file"] });
  const terminal = { ...typedAt, env };
  const { database, log, json, once, dead } = values;
  const reading = openReading(terminal, database);
  try {
    const organization = values.organization === undefined ? null : await onDatabase(
      terminal,
      database,
      (client) => organizationNamed(client, values.organization),
    );
    await show({ terminal, database, reading, organization, log, json, once, dead });
  } finally {
    await reading.close();
  }
});

await runIfMain(import.meta.url, operatorConsole);
