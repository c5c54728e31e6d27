import { type ReactNode, useEffect, useRef } from "react";
import type { ErrorCode } from "../errors.ts";
import type { Snapshot } from "../types.ts";
import type { Labels } from "./labels.ts";
import type { Checkout } from "./use-checkout.ts";

/** What a screen reader is told of a step, and everybody sees. */
function statusOf(
  { step, session, snapshot }: Pick<Checkout, "step" | "session" | "snapshot">,
  labels: Labels,
): string {
  switch (step) {
    case "plan":
    case "card":
      return "";
    case "action":
      return labels.action;
    case "processing":
      return session === undefined ? labels.loading : labels.processing;
    case "success":
      return successOf(snapshot, session, labels);
    case "failure":
      return snapshot?.status === "expired" && !isGoingBack(snapshot)
        ? labels.expired
        : labels.failure;
  }
}

/** Whether money that came after the end goes back, which is said beside it. */
const isGoingBack = ({ error }: Snapshot) => error !== undefined && goingBack.includes(error.code);
const goingBack: readonly string[] = [
  "refund_pending",
  "payment_refunded",
  "refund_failed",
] satisfies ErrorCode[];

function successOf(
  snapshot: Snapshot | undefined,
  session: Checkout["session"],
  labels: Labels,
): string {
  // A change begins a trial where the plan before it was free; another one goes on as it was.
  const hasBegun = session === undefined || session.trialDays > 0;
  if (snapshot?.checkoutMode === "change" && !hasBegun) return labels.successChange;
  return snapshot?.subscription?.status === "trialing" ? labels.successTrial : labels.success;
}

/** A picture of the step, which its words say as well. */
function Picture({ step }: Pick<Checkout, "step">) {
  if (step === "processing") return <span className="bos-spinner" aria-hidden="true" />;
  if (step !== "success" && step !== "failure") return null;
  return (
    <svg className="bos-picture" viewBox="0 0 48 48" aria-hidden="true">
      <circle cx="24" cy="24" r="22" />
      <path d={step === "success" ? "M15 24.5l6.5 6.5L33.5 18" : "M24 14v13M24 33v.5"} />
    </svg>
  );
}

interface StatusProps {
  readonly checkout: Checkout;
  readonly labels: Labels;
}

/** How it stands. It takes focus where a step has taken away what had it. */
export function Status({ checkout, labels }: StatusProps) {
  const { step } = checkout;
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (step === "action" || step === "success" || step === "failure") ref.current?.focus();
  }, [step]);
  return (
    <div ref={ref} className="bos-status" data-step={step} tabIndex={-1}>
      <Picture step={step} />
      <output>{statusOf(checkout, labels)}</output>
    </div>
  );
}

interface AlertProps {
  /** The form was inert while it was asked, and has lost focus. */
  readonly isOfCard: boolean;
  readonly children: ReactNode;
}

export function Alert({ isOfCard, children }: AlertProps) {
  const ref = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (isOfCard) ref.current?.focus();
  }, [isOfCard]);
  return <p ref={ref} className="bos-alert" role="alert" tabIndex={-1}>{children}</p>;
}
