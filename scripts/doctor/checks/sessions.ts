import { check, told } from "../check.ts";

export interface SessionsReading {
  /** Due for a repair that did not come. */
  readonly overdue: number;
  /** Paid, and neither fulfilled nor paid back. */
  readonly unfulfilled: number;
}

/** Whether a checkout hangs between its payment and its end. */
export const sessions = check({
  name: "sessions",
  findings: {
    "overdue": {
      severity: "failure",
      fix:
        "look whether reconcile runs (`reconcile.late`) and what it leaves (`left for the next run` in its log)",
    },
    "unfulfilled": {
      severity: "failure",
      fix:
        "look in the logs for `paid, and not fulfilled yet` with the session's id; past its deadline the payment goes back by itself",
    },
  },
  read: async ({ rows }): Promise<SessionsReading> => {
    const [row] = await rows<Record<"overdue" | "unfulfilled", string>>(
      `select
         (select count(*) from billing.checkout_sessions s where s.repair_at < now() - interval '10 minutes') as overdue,
         (select count(*) from billing.checkout_sessions s
          where s.repair_at is not null and s.fulfilling_since < now() - interval '15 minutes') as unfulfilled`,
    );
    return { overdue: Number(row?.overdue), unfulfilled: Number(row?.unfulfilled) };
  },
  judge: ({ overdue, unfulfilled }: SessionsReading) =>
    told(
      [overdue > 0, "overdue", `${overdue} checkouts have been due for a repair for ten minutes`],
      [
        unfulfilled > 0,
        "unfulfilled",
        `${unfulfilled} checkouts were paid a quarter of an hour ago and are not fulfilled`,
      ],
    ),
});
