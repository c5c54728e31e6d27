import { flag, hash, metadata, text, timeRange } from "../core/params.ts";
import { route } from "../http/router.ts";
import { checkOpen, giveIn, submitEvidence } from "../operations/disputes.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import { mergeMetadata } from "./shared.ts";

const retrieve = route(
  "GET",
  "/v1/disputes/:id",
  {},
  ({ account, ids }) => account.disputes.get(ids[0] ?? ""),
);

const EVIDENCE = hash({
  access_activity_log: text(20_000),
  billing_address: text(),
  cancellation_policy: text(),
  cancellation_policy_disclosure: text(20_000),
  cancellation_rebuttal: text(20_000),
  customer_communication: text(),
  customer_email_address: text(),
  customer_name: text(),
  customer_purchase_ip: text(),
  customer_signature: text(),
  duplicate_charge_documentation: text(),
  duplicate_charge_explanation: text(20_000),
  duplicate_charge_id: text(),
  product_description: text(20_000),
  receipt: text(),
  refund_policy: text(),
  refund_policy_disclosure: text(20_000),
  refund_refusal_explanation: text(20_000),
  service_date: text(),
  service_documentation: text(),
  shipping_address: text(),
  shipping_carrier: text(),
  shipping_date: text(),
  shipping_documentation: text(),
  shipping_tracking_number: text(),
  uncategorized_file: text(),
  uncategorized_text: text(20_000),
});

const update = route("POST", "/v1/disputes/:id", {
  evidence: EVIDENCE,
  metadata: metadata(),
  submit: flag(),
}, (call) => {
  const { world, account, actor, ids, params } = call;
  const dispute = account.disputes.get(ids[0] ?? "");
  const submits = params.evidence !== undefined && params.submit !== false;
  if (params.evidence !== undefined) checkOpen(dispute);
  world.change(account, "charge.dispute.updated", dispute, actor, () => {
    dispute.metadata = mergeMetadata(dispute.metadata, params.metadata);
    Object.assign(dispute.evidence, params.evidence);
    if (params.evidence !== undefined) dispute.evidence_details.has_evidence = true;
    if (!submits) return;
    dispute.evidence_details.submission_count += 1;
    dispute.evidence_details.submission_method = "manual";
    dispute.status = dispute.status.startsWith("warning") ? "warning_under_review" : "under_review";
  });
  if (submits) submitEvidence(call, dispute);
  return dispute;
});

const close = route("POST", "/v1/disputes/:id/close", {}, (call) => {
  const dispute = call.account.disputes.get(call.ids[0] ?? "");
  giveIn(call, dispute);
  return dispute;
});

const all = route("GET", "/v1/disputes", {
  ...PAGE,
  charge: text(),
  created: timeRange(),
  payment_intent: text(),
}, ({ account, params }) => {
  const rows = account.disputes.all().filter((dispute) =>
    inRange(dispute.created, params.created) &&
    (params.charge === undefined || dispute.charge === params.charge) &&
    (params.payment_intent === undefined || dispute.payment_intent === params.payment_intent)
  );
  return paginate(rows, params, "/v1/disputes", "dispute");
});

export const disputeRoutes = [retrieve, update, close, all];
