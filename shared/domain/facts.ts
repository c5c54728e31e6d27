/** What Stripe says of a session's intent, as `record_intent` takes it. */
export interface IntentFacts {
  readonly id: string;
  readonly status: string;
  readonly paymentMethodId?: string;
  readonly chargeId?: string;
  /** Minor units that refunds and lost disputes have taken of it. */
  readonly amountReturned?: number;
  /** Of the card or bank account that was set up. */
  readonly fingerprint?: string;
  /** Unix seconds; left out where the database's clock is to say. */
  readonly succeededAt?: number;
  readonly error?: {
    readonly code: string;
    readonly declineCode: string;
    readonly message: string;
  };
}

/** What Stripe says of a subscription; times in Unix seconds. */
export interface SubscriptionFacts {
  readonly id: string;
  readonly status: string;
  readonly stripeItemId: string;
  readonly stripePriceId: string;
  /** Seats. */
  readonly quantity: number;
  readonly currentPeriodStart: number;
  readonly currentPeriodEnd: number;
  readonly cancelAtPeriodEnd: boolean;
  readonly cancelAt: number | null;
  /** What becomes of its invoices while none is collected; null where they are. */
  readonly collectionPaused: string | null;
  readonly collectionResumesAt: number | null;
  /** Of a change that waits for its payment. */
  readonly pendingUpdateExpiresAt: number | null;
  /** A schedule of Stripe's will change or end it. */
  readonly scheduled: boolean;
  /** Whether its invoices are collected or sent. */
  readonly collectionMethod: string;
  /** Never on the platform's own account; of a connected account none made what is the merchant's own. */
  readonly madeByApplication: boolean;
  readonly canceledAt: number | null;
  readonly endedAt: number | null;
  readonly trialEnd: number | null;
}

/** What Stripe says of the refund of a payment; without id and status where it has made none and refuses to. */
export interface SeenRefund {
  readonly id?: string;
  readonly status?: string;
  /** How many refunds of the payment have failed. */
  readonly failures: number;
}

/** What Stripe says of an invoice of a subscription; amounts in minor units, times in Unix seconds. */
export interface InvoiceFacts {
  readonly id: string;
  readonly subscriptionId: string;
  readonly paymentIntentId: string | null;
  readonly number: string | null;
  readonly status: string;
  readonly billingReason: string | null;
  readonly currency: string;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly amountRefunded: number;
  readonly periodStart: number;
  readonly periodEnd: number;
  readonly finalizedAt: number | null;
  readonly paidAt: number | null;
  readonly attemptCount: number;
  readonly nextPaymentAttempt: number | null;
}

/** What Stripe says of a dispute; the amount in minor units, the time in Unix seconds. */
export interface DisputeFacts {
  readonly id: string;
  readonly chargeId: string;
  readonly paymentIntentId: string;
  readonly status: string;
  readonly reason: string;
  readonly amount: number;
  readonly currency: string;
  readonly openedAt: number;
}
