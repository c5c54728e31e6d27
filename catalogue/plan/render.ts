import { formatAmount } from "../../shared/domain/currencies.ts";
import { type Changes, type Step, waits } from "./step.ts";

const SIGNS = { create: "+", update: "~", replace: "~", archive: "-" } as const;
const PLACES = { stripe: "Stripe", database: "database" } as const;

/** A plan for people, a line for each step: `~ database  price pro-monthly: amount 2900 -> 3900`. */
export function render(steps: readonly Step[]): string[] {
  if (steps.length === 0) return ["nothing to do: the file, the database and Stripe agree"];
  const counted = steps.filter((step) => !waits(step)).length;
  return [
    ...steps.map((step) => `${SIGNS[step.act]} ${PLACES[step.on].padEnd(8)}  ${line(step)}`),
    `${counted} ${counted === 1 ? "change" : "changes"}`,
  ];
}

function line(step: Step): string {
  const name = "key" in step ? step.key : step.id;
  const told = detail(step);
  return `${step.what} ${name}${told === "" ? "" : `: ${told}`}`;
}

function detail(step: Step): string {
  if (step.act === "archive") return archived(step);
  if (step.act === "create") {
    if (step.what === "product" && step.on === "stripe") return `create "${step.name}"`;
    if (step.what !== "price" || step.on !== "stripe") return "create";
    const { unitAmount, currency, interval, intervalCount } = step.terms;
    const every = intervalCount === 1 ? interval : `${intervalCount} ${interval}s`;
    const instead = step.replaces === null ? "" : `, instead of ${step.replaces}`;
    return `create ${formatAmount(unitAmount, currency)} every ${every}${instead}`;
  }
  const made = step.act === "replace" ? "a new row, since it changes: " : "";
  return `${made}${changed(step.changes)}`;
}

function archived(step: Extract<Step, { readonly act: "archive" }>): string {
  if (!waits(step) || !("waitsFor" in step)) return "archive";
  return `archive once its ${step.waitsFor} open checkouts have ended, an hour at most: push again then`;
}

const changed = (changes: Changes): string =>
  Object.entries(changes).map(([field, { from, to }]) =>
    `${field} ${JSON.stringify(from)} -> ${JSON.stringify(to)}`
  ).join(", ");
