import { authUserMutants } from "./auth-users.ts";
import { billingMutants } from "./billing.ts";
import { changeMutants } from "./change.ts";
import { checkoutMutants } from "./checkout.ts";
import { memberMutants } from "./members.ts";
import { organizationMutants } from "./organization.ts";
import type { SqlMutant } from "./sql-mutant.ts";

export const sqlMutants: readonly SqlMutant[] = [
  ...organizationMutants,
  ...checkoutMutants,
  ...changeMutants,
  ...billingMutants,
  ...authUserMutants,
  ...memberMutants,
];
