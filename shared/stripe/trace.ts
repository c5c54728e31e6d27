import * as z from "zod/mini";
import type { LogFields } from "../runtime/log.ts";
import { TRACE_KEY } from "../domain/metadata.ts";

/** Only what we write there ourselves: whoever may write metadata could otherwise put anything into a log line. */
const marked = z.object({
  [TRACE_KEY]: z.string().check(z.regex(/^[0-9a-f]{32}$/)),
  checkout_session_id: z.uuid(),
});
const described = z.object({ metadata: marked });
const billed = z.object({ parent: z.object({ subscription_details: described }) });

/**
 * The session that an object of Stripe's belongs to, with its trace, where its metadata say one: an intent's and a subscription's
 * own, a charge's, which it has of its payment intent (https://docs.stripe.com/metadata), and those of its subscription in an
 * invoice (`parent.subscription_details.metadata` of the pinned package's `Invoice`). For the log alone; it decides nothing.
 */
export function tracedSessionIn(object: object): LogFields {
  const metadata = described.safeParse(object).data?.metadata ??
    billed.safeParse(object).data?.parent.subscription_details.metadata;
  return {
    sessionId: metadata?.checkout_session_id,
    sessionTraceId: metadata?.[TRACE_KEY],
  };
}
