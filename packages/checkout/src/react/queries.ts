import {
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";
import { useCallback } from "react";
import type { CheckoutClient } from "../client.ts";
import type {
  EndingResponse,
  EntitlementsResponse,
  ProductPrice,
  ProductsResponse,
  SubscriptionsResponse,
} from "../types.ts";
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

/** One price of what is on sale, by its id. */
export function usePrice(priceId: string): ProductPrice | undefined {
  const { data } = useProducts();
  return data?.products.flatMap(({ prices }) => prices).find(({ id }) => id === priceId);
}

/** What the customer may use now. */
export function useEntitlements(): UseQueryResult<EntitlementsResponse> {
  const client = useCheckoutClient();
  return useQuery({
    queryKey: [...keyOf(client), "entitlements"],
    queryFn: ({ signal }) => client.entitlements({ signal }),
  });
}

/** The customer's live subscriptions; where it is asked for, each with what Stripe would bill next, for which Stripe is asked. */
export function useSubscriptions(
  { preview }: { readonly preview?: "next_invoice" } = {},
): UseQueryResult<SubscriptionsResponse> {
  const client = useCheckoutClient();
  return useQuery({
    queryKey: [...keyOf(client), "subscriptions", preview ?? null],
    queryFn: ({ signal }) => client.subscriptions({ signal, preview }),
  });
}

/** What a customer does to a subscription of theirs. */
export interface Ending {
  readonly subscriptionId: string;
  /** `cancel` ends it with its current period, `resume` takes that back as long as the period lasts. */
  readonly change: "cancel" | "resume";
}

/** Ends a subscription with its period, or takes that back; whatever shows it is read anew. */
export function useEnding(): UseMutationResult<EndingResponse, Error, Ending> {
  const client = useCheckoutClient();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ subscriptionId, change }: Ending) =>
      change === "cancel"
        ? client.cancelSubscription(subscriptionId)
        : client.resumeSubscription(subscriptionId),
    onSuccess: refresh,
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
