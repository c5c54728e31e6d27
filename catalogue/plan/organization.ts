import type { Catalogue } from "../define.ts";
import type { DatabaseState } from "../state.ts";
import { changesOf, differs, type Step } from "./step.ts";

/** The settings of an organization, and its features by key. */
export function organizationSteps(
  { organization: wanted, features }: Catalogue,
  { organization: row, features: rows }: DatabaseState,
): Step[] {
  const { key, ...settings } = wanted;
  const changes = row === null ? {} : changesOf(row, settings);
  const steps: Step[] = row === null
    ? [{ on: "database", what: "organization", act: "create", key }]
    : differs(changes)
    ? [{ on: "database", what: "organization", act: "update", key, id: row.id, changes }]
    : [];
  for (const [name, feature] of Object.entries(features)) {
    const known = rows.find((one) => one.key === name);
    if (known === undefined) {
      steps.push({ on: "database", what: "feature", act: "create", key: name });
    } else if (known.name !== feature.name) {
      const renamed = changesOf(known, { name: feature.name });
      steps.push({
        on: "database",
        what: "feature",
        act: "update",
        key: name,
        id: known.id,
        changes: renamed,
      });
    }
  }
  return steps;
}

const mode = (live: boolean) => live ? "live mode" : "test mode";

/** Why an organization cannot be what the file says, whatever is pushed. */
export function organizationProblems(
  { organization: { key, stripeAccount } }: Catalogue,
  { organization: row, products }: DatabaseState,
  livemode: boolean,
): string[] {
  if (row === null) return [];
  const problems: string[] = [];
  if (row.livemode !== livemode) {
    problems.push(
      `organization.key: ${key} is in ${mode(row.livemode)} and STRIPE_SECRET_KEY is of ${
        mode(livemode)
      }: ` +
        "use a key of the same mode, or the other mode's database",
    );
  }
  if (row.stripeAccount !== stripeAccount && products.some((one) => one.stripeId !== null)) {
    problems.push(
      `organization.stripeAccount: ${key} sells on ${
        row.stripeAccount ?? "the platform's own account"
      } already: ` +
        "write that account here, and give what another account sells an organization of its own",
    );
  }
  return problems;
}
