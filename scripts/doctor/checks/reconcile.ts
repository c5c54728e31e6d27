import { check, told } from "../check.ts";
import { count } from "../project.ts";

export interface ReconcileReading {
  /** Seconds; undefined where no run ever came to its end. */
  readonly age: number | undefined;
  /** What the last run left for the next. */
  readonly failed: number;
  readonly organizations: number;
}

/** Seconds: five runs that should have been. */
const LATE = 300;

/** Whether cron runs reconcile, by the runs that came to their end. */
export const reconcile = check({
  name: "reconcile",
  findings: {
    "never-ran": {
      severity: "failure",
      fix: "schedule it as docs/deploy.md says; on the local stack `npm start` does",
    },
    "late": {
      severity: "failure",
      fix:
        "look at cron.job_run_details and net._http_response for why it does not run, and at the log of checkout-reconcile",
    },
    "failing": {
      severity: "warning",
      fix: "look at the log of checkout-reconcile for `left for the next run`",
    },
  },
  read: async (project): Promise<ReconcileReading> => {
    const [last] = await project.rows<{ age: string; failed: string }>(
      `select extract(epoch from clock_timestamp() - r.finished_at) as age,
         (select coalesce(sum((stage.value ->> 'failed')::bigint), 0) from jsonb_each(r.report) stage) as failed
       from billing.reconcile_runs r order by r.finished_at desc limit 1`,
    );
    return {
      age: last === undefined ? undefined : Number(last.age),
      failed: Number(last?.failed ?? 0),
      organizations: await count(project, "select count(*) from billing.organizations"),
    };
  },
  judge: ({ age, failed, organizations }: ReconcileReading) =>
    told(
      [age === undefined && organizations > 0, "never-ran", "reconcile has never come to its end"],
      [
        (age ?? 0) > LATE,
        "late",
        `reconcile last came to its end ${
          Math.round((age ?? 0) / 60)
        } minutes ago, and is due every minute`,
      ],
      [failed > 0, "failing", `the last run of reconcile left ${failed} things for the next`],
    ),
});
