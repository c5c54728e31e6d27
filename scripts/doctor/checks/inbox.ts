import { check, told } from "../check.ts";

export interface InboxReading {
  readonly due: number;
  /** Seconds for which the oldest of them has been due. */
  readonly oldest: number;
  readonly dead: number;
}

/** Seconds: several runs of reconcile have passed it by. */
const LATE = 300;
/** More than one run of reconcile works. */
const DEEP = 1_000;

/** Whether Stripe's events are worked. */
export const inbox = check({
  name: "inbox",
  findings: {
    "dead": {
      severity: "failure",
      fix:
        "look at them with `npm run events -- list`, remove the cause, then `npm run events -- replay <id>`",
    },
    "late": {
      severity: "failure",
      fix: "look whether reconcile runs (`reconcile.late`), and at the log of checkout-reconcile",
    },
    "deep": {
      severity: "warning",
      fix: "watch billing.inbox_lag: it should shrink with each run of reconcile",
    },
  },
  read: async ({ rows }): Promise<InboxReading> => {
    const [row] = await rows<Record<"due" | "oldest" | "dead", string>>(
      `select count(*) filter (where e.status <> 'dead') as due, count(*) filter (where e.status = 'dead') as dead,
         coalesce(max(extract(epoch from clock_timestamp() - e.next_attempt_at)) filter (where e.status <> 'dead'), 0) as oldest
       from billing.webhook_events e
       where e.status = 'dead' or (e.status in ('received', 'processing') and e.next_attempt_at <= clock_timestamp()
         and (e.status = 'received' or e.leased_until < clock_timestamp()))`,
    );
    return { due: Number(row?.due), oldest: Number(row?.oldest), dead: Number(row?.dead) };
  },
  judge: ({ due, oldest, dead }: InboxReading) =>
    told(
      [dead > 0, "dead", `${dead} events failed so often that they were given up on`],
      [oldest > LATE, "late", `an event has been due for ${Math.round(oldest / 60)} minutes`],
      [due > DEEP, "deep", `${due} events are due`],
    ),
});
