import * as z from "zod";
import { productsResponse } from "../contract/products.ts";
import { present } from "../runtime/present.ts";
import type { SessionCaller } from "../domain/caller.ts";
import { callerArguments } from "./caller.ts";
import type { Call } from "./client.ts";

const productsRead = z.discriminatedUnion("outcome", [
  productsResponse.extend({ outcome: z.literal("read") }),
  z.object({ outcome: z.enum(["unauthorized", "forbidden"]) }),
]);

/** The typed call about what a customer can buy; what each outcome means stands beside the SQL function. */
export interface ProductRows {
  /** All products on sale, or those with the given ids, and what the caller has of them. */
  read(
    caller: SessionCaller,
    productIds?: readonly string[],
  ): Promise<z.output<typeof productsRead>>;
}

export const productRows = (call: Call): ProductRows => ({
  read: (caller, productIds) =>
    call("read_products", {
      ...callerArguments(caller),
      ...present({ p_product_ids: productIds && [...productIds] }),
    }, productsRead),
});
