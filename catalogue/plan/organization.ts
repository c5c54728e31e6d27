import type { Catalogue } from "../define.ts";
import type { DatabaseState, StripeState } from "../state.ts";
import { changesOf, differs, type Step } from "./step.ts";

/** The settings of an organization, and its features by key. */
export function organizationSteps(
  { organization: wanted, features }: Catalogue,
  { organization: row, features: rows }: DatabaseState,
  { account }: Pick<StripeState, "account">,
): Step[] {
  const { key, ...settings } = wanted;
  const changes = row === null
    ? {}
    : changesOf(row, { ...settings, ...(account === null ? {} : { catalogueAccount: account }) });
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
  { organization: { key, stripeAccount, authUsers } }: Catalogue,
  { organization: row, usersElsewhere, products, prices }: DatabaseState,
  stripe: StripeState,
  livemode: boolean,
): string[] {
  const problems: string[] = [];
  const theirs = usersElsewhere.find((one) => one.livemode === livemode);
  if (authUsers !== "off" && theirs !== undefined) {
    problems.push(
      `organization.authUsers: the project's users are customers of ${theirs.name} in ${
        mode(livemode)
      } already: ` +
        "set that to off first, a user's own token names no organization",
    );
  }
  if (row === null) return problems;
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
  const others = row.livemode === livemode && row.stripeAccount === stripeAccount &&
    isAnothers(row.catalogueAccount, [...products, ...prices], stripe);
  if (others) {
    problems.push(
      `organization.key: ${key} sells on ${
        row.catalogueAccount ?? "a Stripe account that has its products and prices"
      }, and STRIPE_SECRET_KEY is of ${stripe.account ?? "another, which has none of them"}: ` +
        "use a key of that account, or another database",
    );
  }
  return problems;
}

/**
 * Whether what the rows have of Stripe's ids was made on another account: a push would make all of it again. Where the accounts are not
 * both known, it is another's if it has none of the ids.
 */
function isAnothers(
  known: string | null,
  rows: readonly { readonly stripeId: string | null }[],
  { account, products, prices }: StripeState,
): boolean {
  const ids = new Set(rows.flatMap(({ stripeId }) => stripeId ?? []));
  if (ids.size === 0) return false;
  if (known !== null && account !== null) return known !== account;
  return ![...products, ...prices].some(({ id }) => ids.has(id));
}
