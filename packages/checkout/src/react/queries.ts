import {
  useMutation,
  type UseMutationResult,
  useQuery,
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
import { keyOf, readAnew } from "./keys.ts";
import { useProvided } from "./provider.tsx";

/** What the customer is answered, kept for that customer alone and not asked for before it is known who that is. */
function useAnswer<Answer>(
  name: readonly unknown[],
  ask: (client: CheckoutClient, signal: AbortSignal) => Promise<Answer>,
): UseQueryResult<Answer> {
  const { client, queries, user } = useProvided();
  const queryKey = [...keyOf(client), user ?? null, ...name];
  const queryFn = ({ signal }: { readonly signal: AbortSignal }) => ask(client, signal);
  return useQuery({ queryKey, queryFn, enabled: user !== undefined }, queries);
}

/** What is on sale, and what the customer has of it; only the plans named, by id or key, where some are. */
export function useProducts(planIds?: readonly string[]): UseQueryResult<ProductsResponse> {
  return useAnswer(
    ["products", planIds ?? null],
    (client, signal) => client.products({ signal, ...(planIds === undefined ? {} : { planIds }) }),
  );
}

/** One price of what is on sale, by its id. */
export function usePrice(priceId: string): ProductPrice | undefined {
  const { data } = useProducts();
  return data?.products.flatMap(({ prices }) => prices).find(({ id }) => id === priceId);
}

/** What the customer may use now. */
export function useEntitlements(): UseQueryResult<EntitlementsResponse> {
  return useAnswer(["entitlements"], (client, signal) => client.entitlements({ signal }));
}

/** The customer's live subscriptions; where it is asked for, each with what Stripe would bill next, for which Stripe is asked. */
export function useSubscriptions(
  { preview }: { readonly preview?: "next_invoice" } = {},
): UseQueryResult<SubscriptionsResponse> {
  return useAnswer(
    ["subscriptions", preview ?? null],
    (client, signal) => client.subscriptions({ signal, preview }),
  );
}

/** What a customer does to a subscription of theirs. */
export interface Ending {
  readonly subscriptionId: string;
  /** `cancel` ends it with its current period, `resume` takes that back as long as the period lasts. */
  readonly change: "cancel" | "resume";
}

/** Ends a subscription with its period, or takes that back; whatever shows it is read anew. */
export function useEnding(): UseMutationResult<EndingResponse, Error, Ending> {
  const { client, queries } = useProvided();
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ subscriptionId, change }: Ending) =>
      change === "cancel"
        ? client.cancelSubscription(subscriptionId)
        : client.resumeSubscription(subscriptionId),
    onSuccess: refresh,
  }, queries);
}

/** Has all that depends on what the customer has bought be read again. */
export function useRefresh(): () => Promise<void> {
  const { client, queries } = useProvided();
  return useCallback(() => readAnew(queries, client), [client, queries]);
}
