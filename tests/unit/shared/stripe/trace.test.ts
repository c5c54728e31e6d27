import { expect, it } from "vitest";
import { tracedSessionIn } from "../../../../shared/stripe/trace.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SESSION = "0b500000-0000-4000-8000-00000000beef";
const ours = { trace_id: TRACE, checkout_session_id: SESSION };
const billed = (metadata: unknown) => ({
  object: "invoice",
  metadata: {},
  parent: { type: "subscription_details", subscription_details: { metadata } },
});

it.each([
  ["an intent, a charge or a subscription", { metadata: { ...ours, more: "x" } }],
  ["an invoice, of its subscription", billed(ours)],
])("a session and its trace are read from the metadata of %s", (_name, object) => {
  expect(tracedSessionIn(object)).toEqual({ sessionId: SESSION, sessionTraceId: TRACE });
});

it.each([
  ["nothing", {}],
  ["metadata of none", { metadata: null }],
  ["metadata without one", { metadata: { checkout_session_id: SESSION } }],
  ["a merchant's own words", { metadata: { ...ours, trace_id: "order 12" } }],
  ["what would break a log line", { metadata: { ...ours, trace_id: `${TRACE}"}\n` } }],
  ["capitals", { metadata: { ...ours, trace_id: TRACE.toUpperCase() } }],
  ["no text", { metadata: { ...ours, trace_id: 7 } }],
  ["a session that would break a log line", {
    metadata: { ...ours, checkout_session_id: `${SESSION}"}\n` },
  }],
  ["an invoice of no subscription", { metadata: {}, parent: null }],
  ["an invoice of a subscription without one", billed({})],
])("%s names no trace, and refuses nothing", (_name, object) => {
  expect(tracedSessionIn(object)).toEqual({});
});
