import { expect, it } from "vitest";
import { traceIdIn } from "../../../../shared/stripe/trace.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const billed = (metadata: unknown) => ({
  object: "invoice",
  metadata: {},
  parent: { type: "subscription_details", subscription_details: { metadata } },
});

it.each([
  ["an intent, a charge or a subscription", { metadata: { trace_id: TRACE, more: "x" } }],
  ["an invoice, of its subscription", billed({ trace_id: TRACE })],
])("the trace of a session is read from the metadata of %s", (_name, object) => {
  expect(traceIdIn(object)).toBe(TRACE);
});

it.each([
  ["nothing", {}],
  ["metadata of none", { metadata: null }],
  ["metadata without one", { metadata: { checkout_session_id: "s" } }],
  ["a merchant's own words", { metadata: { trace_id: "order 12" } }],
  ["what would break a log line", { metadata: { trace_id: `${TRACE}"}\n` } }],
  ["capitals", { metadata: { trace_id: TRACE.toUpperCase() } }],
  ["no text", { metadata: { trace_id: 7 } }],
  ["an invoice of no subscription", { metadata: {}, parent: null }],
  ["an invoice of a subscription without one", billed({})],
])("%s names no trace, and refuses nothing", (_name, object) => {
  expect(traceIdIn(object)).toBeUndefined();
});
