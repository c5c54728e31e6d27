import { expect, it } from "vitest";
import { traceContextOf } from "../../../../shared/telemetry/trace-context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const asked = (traceparent: string) =>
  new Request("https://ref.supabase.co/", { headers: { traceparent } });

it.each([
  ["that was sampled", `00-${TRACE}-${SPAN}-01`, true],
  ["that was sampled, with a flag besides", `00-${TRACE}-${SPAN}-03`, true],
  ["that was not", `00-${TRACE}-${SPAN}-00`, false],
  ["that was not, with a flag besides", `00-${TRACE}-${SPAN}-02`, false],
  ["of a later version", `01-${TRACE}-${SPAN}-01`, true],
  ["of a later version with more fields", `cc-${TRACE}-${SPAN}-01-what-comes-next`, true],
])("the trace of a caller is read from a header %s", (_name, header, sampled) => {
  expect(traceContextOf(asked(header))).toEqual({ traceId: TRACE, parentSpanId: SPAN, sampled });
});

it.each([
  ["nothing", ""],
  ["no trace", `00-${"0".repeat(32)}-${SPAN}-01`],
  ["no span", `00-${TRACE}-${"0".repeat(16)}-01`],
  ["capitals", `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ["a version that is none", `ff-${TRACE}-${SPAN}-01`],
  ["more fields than its version has", `00-${TRACE}-${SPAN}-01-x`],
  ["two headers in one", `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
  ["a trace that is too long", `00-${TRACE}a-${SPAN}-01`],
  ["flags that are none", `00-${TRACE}-${SPAN}-0x`],
  ["what would break a log line", `00-${TRACE}-${SPAN}-01"}`],
])("a header with %s is no trace, and refuses nothing", (_name, header) => {
  expect(traceContextOf(asked(header))).toBeUndefined();
});
