import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useCallback } from "react";
import type { CheckoutClient } from "../client.ts";
import type { EntitlementsResponse, ProductsResponse } from "../types.ts";
import { useCheckoutClient } from "./provider.tsx";

/** A client is a user: what one of them was answered is not shown to the next. */
const numbers = new WeakMap<CheckoutClient, number>();
let last = 0;
function numberOf(client: CheckoutClient): number {
  const known = numbers.get(client) ?? (last += 1);
  numbers.set(client, known);
  return known;
}
const keyOf = (client: CheckoutClient) => ["billingos-checkout", numberOf(client)] as const;

/** What is on sale, and what the customer has of it; only the plans named, by id or key, where some are. */
export function useProducts(planIds?: readonly string[]): UseQueryResult<ProductsResponse> {
  const client = useCheckoutClient();
  return useQuery({
    queryKey: [...keyOf(client), "products", planIds ?? null],
    queryFn: ({ signal }) =>
      client.products({ signal, ...(planIds === undefined ? {} : { planIds }) }),
  });
}

/** What the customer may use now. */
export function useEntitlements(): UseQueryResult<EntitlementsResponse> {
  const client = useCheckoutClient();
  return useQuery({
    queryKey: [...keyOf(client), "entitlements"],
    queryFn: ({ signal }) => client.entitlements({ signal }),
  });
}

/** Has all that depends on what the customer has bought be read again. */
export function useRefresh(): () => Promise<void> {
  const client = useCheckoutClient();
  const queries = useQueryClient();
  return useCallback(
    () => queries.invalidateQueries({ queryKey: keyOf(client) }),
    [client, queries],
  );
}
