/**
 * What the rows say of one session. Amounts in minor units. Columns are named one by one, so that none that may hold a person, an
 * address, a URL or a digest is read; tests/database/console.test.ts plants them.
 */
export interface SessionFacts {
  readonly session: {
    readonly id: string;
    readonly organization: string;
    readonly status: string;
    readonly version: string;
    readonly mode: string;
    readonly quantity: number;
    readonly amount: number;
    readonly currency: string;
    readonly errorCode: string | null;
    readonly stripeAccountId: string | null;
    readonly createdAt: Date;
    readonly previewedAt: Date | null;
    readonly expiresAt: Date;
    readonly fulfillingSince: Date | null;
    readonly completedAt: Date | null;
    readonly updatedAt: Date;
    readonly repairAt: Date | null;
  };
  readonly attempts: readonly Attempt[];
  readonly intents: readonly Intent[];
  readonly subscription: Subscription | undefined;
  readonly grants: readonly Grant[];
  readonly change:
    | { readonly claimedAt: Date | null; readonly finishedAt: Date | null }
    | undefined;
  readonly invoices: readonly Invoice[];
  readonly disputes: readonly Dispute[];
  readonly events: readonly AboutEvent[];
  readonly messages: readonly Message[];
}

export interface Attempt {
  readonly number: number;
  readonly status: string;
  readonly intentId: string;
  readonly errorCode: string | null;
  readonly declineCode: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

export interface Intent {
  readonly id: string;
  readonly stripeId: string;
  readonly chargeId: string | null;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly amountRefunded: number;
  readonly refundReason: string | null;
  readonly refundId: string | null;
  readonly refundStatus: string | null;
  readonly refundFailures: number;
  readonly createdAt: Date;
  /** By Stripe's clock, in whole seconds. */
  readonly succeededAt: Date | null;
  readonly refundingSince: Date | null;
  readonly refundedAt: Date | null;
  readonly releasedAt: Date | null;
}

export interface Subscription {
  readonly id: string;
  readonly stripeId: string | null;
  readonly status: string;
  /** Of another session, which this one changed. */
  readonly isChanged: boolean;
  readonly createdAt: Date;
  readonly canceledAt: Date | null;
  readonly endedAt: Date | null;
}

export interface Grant {
  readonly feature: string;
  readonly grantedAt: Date;
  readonly revokedAt: Date | null;
}

export interface Invoice {
  readonly stripeId: string;
  readonly status: string;
  readonly billingReason: string | null;
  readonly amountPaid: number;
  readonly amountDue: number;
  readonly currency: string;
  readonly createdAt: Date;
}

export interface Dispute {
  readonly stripeId: string;
  readonly status: string;
  readonly reason: string;
  readonly amount: number;
  readonly currency: string;
  readonly createdAt: Date;
}

export interface AboutEvent {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly outcome: string | null;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly receivedAt: Date;
  readonly processedAt: Date | null;
  readonly nextAttemptAt: Date;
}

/** A snapshot that listeners were sent. */
export interface Message {
  readonly version: number;
  readonly status: string;
  readonly errorCode: string | null;
  readonly at: Date;
}
