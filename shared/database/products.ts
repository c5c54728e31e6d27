import * as z from "zod/mini";
import {
  offeredChange,
  pricedProduct,
  productPrice,
  productsResponse,
} from "../contract/products.ts";
import { type ErrorCode, errorTable } from "../contract/error-table.ts";
import { present } from "../runtime/present.ts";
import type { SessionCaller } from "../domain/caller.ts";
import { callerArguments } from "./caller.ts";
import type { Call } from "./client.ts";

const isCode = (word: string): word is ErrorCode => Object.hasOwn(errorTable, word);

/** With create's sentence for each refusal; what passes by itself is left to create. */
const changes = z.array(
  z.pipe(
    z.extend(offeredChange, {
      refusal: z.optional(z.pipe(z.string(), z.custom<ErrorCode, string>(isCode))),
    }),
    z.transform(({ subscriptionId, refusal: code }) =>
      code === undefined || errorTable[code].retry
        ? { subscriptionId }
        : { subscriptionId, refusal: { code, message: errorTable[code].message } }
    ),
  ),
);
const products = z.array(z.extend(pricedProduct, {
  prices: z.array(z.extend(productPrice, { changes: z.optional(changes) })),
}));

export const productsRead = z.discriminatedUnion("outcome", [
  z.extend(productsResponse, { products, outcome: z.literal("read") }),
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
