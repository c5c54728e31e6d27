import { bar, type Ink, sparkline } from "./charts.ts";
import { eventLine } from "../events/inbox.ts";
import type { Overview } from "./overview.ts";
import type { Entry } from "./timeline.ts";
import { DAYS, type Trends } from "./trends.ts";
import { columnsOf, money, printable, since, span } from "./words.ts";

/** A line, and what it stands for where it can be chosen. */
export interface Row {
  readonly text: string;
  readonly item?: Item;
}

export type Item = { readonly kind: "session" | "event"; readonly id: string };

const BAR = 30;

const heading = (text: string): Row[] => [{ text: "" }, { text }];
const row = (text: string): Row => ({ text: `  ${printable(text)}` });

/** Rows of one list, each of which can be chosen. */
const listed = <Of>(
  found: readonly Of[],
  cells: (one: Of) => string[],
  item: (one: Of) => Item,
): Row[] =>
  columnsOf(found.map(cells)).map((text, index) => {
    const one = found[index];
    const shown = row(text);
    return one === undefined ? shown : { text: shown.text, item: item(one) };
  });

/** What waits for a person first, then what is under way, then how it has been. */
export function overviewRows(
  { now, facts, live, dead, refunds, guards }: Overview,
  trends: Trends,
  ink: Ink,
): Row[] {
  const { due, oldestDueSeconds } = facts.inbox;
  const reconciled = facts.reconciledAt === null
    ? "never"
    : `${span(facts.now - facts.reconciledAt)} ago`;
  const statuses = Object.entries(live.byStatus).map(([status, count]) => `${count} ${status}`);
  return [
    { text: now.toISOString() },
    {
      text: `inbox: ${due} due${due === 0 ? "" : `, the oldest for ${span(oldestDueSeconds)}`}` +
        `   reconcile: ${reconciled}`,
    },
    ...heading(`guards that stand: ${guards.length}`),
    ...guards.map((guard) =>
      row(
        `${guard.organization}  ${guard.declines} declines  until ${guard.until.toISOString()}`,
      )
    ),
    ...heading(`refunds owed: ${refunds.total}, of them given up: ${refunds.givenUp}`),
    ...listed(
      refunds.owed,
      (one) => [
        one.sessionId,
        one.organization,
        one.status ?? "not made yet",
        money(one.amount, one.currency),
        one.reason,
        `${one.failures} failed`,
        since(now, one.since),
      ],
      ({ sessionId }) => ({ kind: "session", id: sessionId }),
    ),
    ...heading(`dead events: ${dead.total}`),
    ...dead.events.map((event): Row => ({
      text: row(eventLine(event)).text,
      item: { kind: "event", id: event.stripe_event_id },
    })),
    ...heading(
      `live sessions: ${live.total}${statuses.length === 0 ? "" : ` (${statuses.join(", ")})`}`,
    ),
    ...listed(
      live.sessions,
      (one) => [
        one.id,
        one.organization,
        one.fulfillingSince === null ? one.status : `${one.status}, paid`,
        one.mode,
        money(one.amount, one.currency),
        `${one.attempts} attempts`,
        since(now, one.createdAt),
        one.expiresAt < now && one.status !== "processing" ? "past its expiry" : "",
      ],
      ({ id }) => ({ kind: "session", id }),
    ),
    ...heading(`the last ${DAYS} days`),
    ...trendLines(trends, ink).map(row),
  ];
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

function trendLines(trends: Trends, ink: Ink): string[] {
  const opened = total(trends.opened);
  const share = (part: number) => opened === 0 ? "" : `${Math.round((part / opened) * 100)} %`;
  const funnel = (["opened", "attempted", "succeeded"] as const).map((stage) => {
    const count = total(trends[stage]);
    return [stage, `[${sparkline(trends[stage], ink)}]`, String(count), share(count)];
  });
  const speed = ([
    ["paid to active, p50", trends.paidToActiveP50],
    ["paid to active, p95", trends.paidToActiveP95],
  ] as const).map(([name, values]) => {
    const last = values.findLast((value) => value !== null);
    const lately = last === undefined || last === null ? "none" : `${last.toFixed(1)}s lately`;
    return [name, `[${sparkline(values.map((value) => value ?? 0), ink)}]`, lately];
  });
  const top = Math.max(0, ...trends.declines.map(({ attempts }) => attempts));
  const declines = trends.declines.map(({ code, attempts }) => [
    code,
    String(attempts),
    bar(attempts, top, BAR, ink),
  ]);
  return [
    ...columnsOf([...funnel, ...speed]),
    declines.length === 0 ? "no declines" : "declines:",
    ...columnsOf(declines),
  ];
}

/** Milliseconds where the clock is ours; Stripe's counts seconds. */
const timeOf = ({ at, isStripes }: Entry): string =>
  isStripes === true ? at.toISOString().replace(/\.\d+Z$/, "Z    ") : at.toISOString();

export const timelineRows = (entries: readonly Entry[]): Row[] =>
  columnsOf(entries.map((entry) => [timeOf(entry), entry.source, printable(entry.what)]))
    .map((text) => ({ text }));
