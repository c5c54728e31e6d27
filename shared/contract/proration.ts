import * as z from "zod/mini";
import { minorUnits } from "./primitives.ts";

/** What changing a subscription's price comes to now, in minor units; `taxAmount` comes on top of a total that is due. */
export const proration = z.object({
  /** For the unused time of the price so far. */
  credited: minorUnits,
  /** For the new price. */
  charged: minorUnits,
  /** The difference; what is below zero counts toward the next invoices. */
  total: z.int(),
  /**
   * The subscription so far is free: nothing is prorated, and the new price begins as a first purchase does, with its trial, and the seats
   * and the coupon that were asked for. `charged` is the first period without the coupon.
   */
  fromFree: z.boolean(),
  /** Fit for the customer. */
  explanation: z.string(),
});
export type Proration = z.infer<typeof proration>;
