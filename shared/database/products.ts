import * as z from "zod";
import { productsResponse } from "../contract/products.ts";
import { present } from "../runtime/present.ts";
import type { Call } from "./client.ts";

const productsRead = z.discriminatedUnion("outcome", [
  productsResponse.extend({ outcome: z.literal("read") }),
  z.object({ outcome: z.enum(["unauthorized", "forbidden"]) }),
]);

/** The typed call about what a customer can buy; what each outcome means stands beside the SQL function. */
export interface ProductRows {
  /** All products on sale, or those with the given ids, and what the token's customer has of them. */
  read(
    token: { readonly tokenId: string; readonly livemode: boolean },
    productIds?: readonly string[],
  ): Promise<z.output<typeof productsRead>>;
}

export const productRows = (call: Call): ProductRows => ({
  read: (token, productIds) =>
    call("read_products", {
      p_token_id: token.tokenId,
      p_livemode: token.livemode,
      ...present({ p_product_ids: productIds && [...productIds] }),
    }, productsRead),
});
