import type { Checkouts } from "../database/checkouts.ts";
import type { Logger } from "../runtime/log.ts";
import type { StripeGateway } from "../stripe/gateway.ts";

export interface CheckoutPorts {
  readonly checkouts: Checkouts;
  readonly stripe: StripeGateway;
  readonly log: Logger;
}
