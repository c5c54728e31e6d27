import type { Logs } from "../logs.ts";
import type { StripeAccount } from "../stripe-account.ts";
import type { StackInfo } from "../types.ts";

/** The stack that the example's page sells on. */
export interface Behind {
  readonly info: Omit<StackInfo, "exampleUrl">;
  readonly stripe: StripeAccount;
  readonly logs: Logs;
}
