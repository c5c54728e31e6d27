/**
 * What a dispute means for the money that it is about: `none` of it is gone (an inquiry, or one that was won or prevented), it
 * is gone until the bank decides (`open`), or gone (`lost`), also while the merchant appeals. A status that is not known counts
 * as the last. Statuses: https://docs.stripe.com/api/disputes/object#dispute_object-status. SQL has the same; a test holds the
 * two equal.
 */
export function disputeStage(status: string): "none" | "open" | "lost" {
  if (status.startsWith("warning_") || status === "won" || status === "prevented") return "none";
  return status === "needs_response" || status === "under_review" ? "open" : "lost";
}

const appeals: ReadonlySet<string> = new Set(["appeal_needs_response", "appeal_under_review"]);

/** Whether the bank may still give back what is gone: an appeal, or a status that is not known here. */
export const mayComeBack = (status: string): boolean =>
  disputeStage(status) === "open" || (disputeStage(status) === "lost" && status !== "lost");

/** Whether Stripe's word is one that this version knows. */
export const isKnownDispute = (status: string): boolean =>
  status === "lost" || appeals.has(status) || disputeStage(status) !== "lost";
