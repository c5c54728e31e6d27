import * as z from "zod";
import { productsResponse } from "../contract/products.ts";
import type { Call } from "./client.ts";

const productsRead = z.discriminatedUnion("outcome", [
  productsResponse.extend({ outcome: z.literal("read") }),
  z.object({ outcome: z.enum(["unauthorized", "forbidden"]) }),
]);

/** The typed call about what a customer can buy; what each outcome means stands beside the SQL function. */
export function productRows(call: Call) {
  return {
    read: (
      token: { readonly tokenId: string; readonly livemode: boolean },
      productIds?: readonly string[],
    ) =>
      call("read_products", {
        p_token_id: token.tokenId,
        p_livemode: token.livemode,
        ...(productIds === undefined ? {} : { p_product_ids: [...productIds] }),
      }, productsRead),
  };
}

export type ProductRows = ReturnType<typeof productRows>;
