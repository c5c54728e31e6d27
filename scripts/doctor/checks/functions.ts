import { check, told } from "../check.ts";
import type { HealthReading } from "../project.ts";

/** Whether the functions run, with the operator's key, and reach what they need. */
export const functions = check({
  name: "functions",
  findings: {
    "unreachable": {
      severity: "failure",
      fix:
        "deploy the function `health` and look at its log: a malformed variable stops it at its start",
    },
    "refuse-key": {
      severity: "failure",
      fix: "set SUPABASE_SECRET_KEYS to the project's own keys, with one named default",
    },
    "database-silent": {
      severity: "failure",
      fix: "look at the log of `health` for the cause, and at the project's database and API",
    },
    "stripe-silent": {
      severity: "failure",
      fix:
        "look at the log of `health` for the cause: STRIPE_SECRET_KEY there, or Stripe itself (https://status.stripe.com)",
    },
  },
  read: (project) => project.health(),
  judge: ({ health, reason, status }: HealthReading) =>
    health === undefined
      ? told(
        [status === 401, "refuse-key", "the functions refuse the project's secret key"],
        [status !== 401, "unreachable", `GET /health?deep=1 has no readable answer: ${reason}`],
      )
      : told(
        [
          !health.dependencies.database.answers,
          "database-silent",
          "the functions get no answer from the database",
        ],
        [
          !health.dependencies.stripe.answers,
          "stripe-silent",
          "the functions get no answer from Stripe",
        ],
      ),
});
