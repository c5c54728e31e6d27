import { callerOf, type CallerProofs } from "../../../shared/tokens/caller.ts";
import { productsRequest, type ProductsResponse } from "../../../shared/contract/products.ts";
import type { ProductRows } from "../../../shared/database/products.ts";
import { refused } from "../../../shared/database/refused.ts";
import { readQuery } from "../../../shared/http/body.ts";
import type { Call } from "../../../shared/http/routes.ts";

export interface ProductDependencies {
  readonly rows: ProductRows;
  readonly proofs: CallerProofs;
}

/** `GET /products`: what the caller can buy, and has. */
export function productsEndpoint({ rows, proofs }: ProductDependencies) {
  return async ({ request }: Call): Promise<Response> => {
    const caller = await callerOf(request, proofs, { operation: "checkout" });
    const { planIds = [] } = readQuery(request, productsRequest);
    // The SDK leaves an empty list out (billingos-sdk, src/client/index.ts, getProducts); written, it means the same.
    const read = await rows.read(caller, planIds.length === 0 ? undefined : planIds);
    if (read.outcome !== "read") throw refused(read);
    const body: ProductsResponse = {
      products: read.products,
      currentSubscription: read.currentSubscription,
      subscriptions: read.subscriptions,
    };
    return Response.json(body);
  };
}
