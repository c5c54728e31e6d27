import type { CatalogueInput } from "../define.ts";
import type { OrganizationRow } from "../state.ts";

/**
 * An organization as the file says it: what the database has and is no default, so that a push of the file changes none of it. One that
 * is not there yet is called by its key.
 */
export function organizationOf(
  key: string,
  row: OrganizationRow | null,
  account: string | undefined,
): CatalogueInput["organization"] {
  const stripeAccount = account ?? row?.stripeAccount ?? undefined;
  return {
    key,
    name: row?.name ?? key,
    ...(stripeAccount === undefined ? {} : { stripeAccount }),
    ...(row === null ? {} : settingsOf(row)),
  };
}

function settingsOf(row: OrganizationRow): Partial<CatalogueInput["organization"]> {
  const { applicationFeeBps, pastDueGraceDays, disputePolicy, taxEnabled, authUsers } = row;
  return {
    ...(applicationFeeBps === 0 ? {} : { applicationFeeBps }),
    ...(pastDueGraceDays === null ? {} : { pastDueGraceDays }),
    ...(disputePolicy === "suspend" ? { disputePolicy } : {}),
    ...(taxEnabled ? { taxEnabled } : {}),
    ...(authUsers === "users" || authUsers === "users_and_anonymous" ? { authUsers } : {}),
  };
}
