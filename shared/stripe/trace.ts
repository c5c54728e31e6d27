import * as z from "zod";
import { TRACE_KEY } from "../domain/metadata.ts";

/** Only what we write there ourselves: whoever may write metadata could otherwise put anything into a log line. */
const marked = z.object({ [TRACE_KEY]: z.string().regex(/^[0-9a-f]{32}$/) });
const described = z.object({ metadata: marked });
const billed = z.object({ parent: z.object({ subscription_details: described }) });

/**
 * The trace of the session that an object of Stripe's belongs to, where its metadata say one: an intent's and a subscription's
 * own, a charge's, which it has of its payment intent (https://docs.stripe.com/metadata), and those of its subscription in an
 * invoice (`parent.subscription_details.metadata` of the pinned package's `Invoice`). For the log alone; it decides nothing.
 */
export function traceIdIn(object: object): string | undefined {
  const own = described.safeParse(object);
  if (own.success) return own.data.metadata[TRACE_KEY];
  return billed.safeParse(object).data?.parent.subscription_details.metadata[TRACE_KEY];
}
