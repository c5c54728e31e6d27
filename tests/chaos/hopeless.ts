import type { FaultSpec } from "@billingos/stripe-simulator";
import type { Arena } from "./arena.ts";
import { answered } from "./drain.ts";
import { deadlinePasses, minutePasses, waitsEnd } from "./time.ts";

/** Stripe makes no subscription and changes none, and nobody mends it. */
export const HOPELESS: readonly FaultSpec[] = ["/v1/subscriptions", "/v1/subscriptions/*"].map((
  path,
) => ({ kind: "error_before", method: "POST", path, count: null }));

/** More than reconcile needs to come to every session. */
const RUNS = 2;

/** Lets the deadline of every payment pass while nothing can be honored; what is still tried then breaks law 7. */
export async function endHopeless(arena: Arena): Promise<string[]> {
  await answered(arena);
  await arena.admin("DELETE", "/faults");
  for (const fault of HOPELESS) await arena.admin("POST", "/faults", fault);
  await deadlinePasses(arena);
  for (let run = 0; run < RUNS; run += 1) {
    await minutePasses(arena);
    await waitsEnd(arena);
    await arena.reconcile();
  }
  const left = await arena.query<{ id: string; status: string }>(
    `select s.id, s.status from billing.checkout_sessions s
     left join billing.subscription_changes ch on ch.checkout_session_id = s.id
     where (s.status <> 'succeeded' and s.fulfilling_since < clock_timestamp() - interval '12 hours')
       or (ch.claimed_at < clock_timestamp() - interval '12 hours' and ch.finished_at is null)`,
  );
  return left.map(({ id, status }) =>
    `a payment is not tried beyond its deadline: ${id} is ${status}`
  );
}
