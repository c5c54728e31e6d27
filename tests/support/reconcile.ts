import { type ReconcileResponse, reconcileResponse } from "../../shared/contract/reconcile.ts";

/** One run of reconcile, as Supabase Cron calls it. */
export async function reconcileOf(
  { functionsUrl, secretKey }: { readonly functionsUrl: string; readonly secretKey: string },
): Promise<ReconcileResponse> {
  const response = await fetch(`${functionsUrl}/checkout-reconcile`, {
    method: "POST",
    headers: { authorization: `Bearer ${secretKey}` },
  });
  if (!response.ok) throw new Error(`reconcile: ${response.status} ${await response.text()}`);
  return reconcileResponse.parse(await response.json());
}
