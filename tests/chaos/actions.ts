import type { FaultSpec } from "@billingos/stripe-simulator";

/** One of all sessions: a number is taken modulo how many there are when it comes to it. */
export type Which = number | "newest";

/** What is done with a session at its customer's or by the time. */
export type SessionAction =
  & { readonly session: Which }
  & (
    | { readonly do: "confirm" | "confirm in browser"; readonly card: string }
    | { readonly do: "ask status" | "ask own status" | "let an hour pass" | "cancel session" }
  );

/** What becomes of a session's payment at Stripe and at the customer's bank. */
export type BankAction =
  & { readonly session: Which }
  & (
    | { readonly do: "authenticate" | "settle debit" | "answer refund"; readonly well: boolean }
    | { readonly do: "refund by hand"; readonly whole: boolean }
    | { readonly do: "dispute"; readonly lost: boolean }
    | { readonly do: "cancel intent" }
  );

export interface CreateAction {
  readonly do: "create";
  readonly customer: number;
  readonly product: number;
  readonly key: "a" | "b" | null;
  readonly email: boolean;
  readonly freshToken: boolean;
  readonly quantity: number;
  readonly coupon: string | null;
}

/** Asks for the subscription that a session ended in to be moved to a product's price. */
export interface ChangeAction {
  readonly do: "change";
  readonly session: Which;
  readonly product: number;
}

/** What a merchant does at Stripe, past us, to a subscription of a session's customer: its own where it has one. */
export interface SubscriptionEdit {
  readonly do: "edit subscription";
  readonly session: Which;
  readonly edit:
    | "cancel it"
    | "add an item"
    | "put another item first"
    | "change the quantity"
    | "remove the discount"
    | "delete the customer"
    | "credit the customer"
    | "debit the customer"
    | "bill something else"
    | "copy the label";
}

/** The same with what is for sale. */
export interface CatalogueEdit {
  readonly do: "edit catalogue";
  readonly product: number;
  readonly edit:
    | "archive the price"
    | "sell the price again"
    | "name another price"
    | "delete the coupons";
}

export type Action =
  | SessionAction
  | BankAction
  | CreateAction
  | ChangeAction
  | SubscriptionEdit
  | CatalogueEdit
  | { readonly do: "put on sale"; readonly product: number; readonly active: boolean }
  /** One of all events so far, as a session is one of all sessions. */
  | { readonly do: "deliver again"; readonly event: number }
  | { readonly do: "let a minute pass" | "mend" }
  | { readonly do: "reconcile"; readonly times: number }
  | { readonly do: "break"; readonly fault: FaultSpec };

/** An action and how many milliseconds after its round's beginning it starts. */
export interface Timed {
  readonly after: number;
  readonly action: Action;
}

/** What happens at once, then what comes after, once nobody is at work any more. */
export interface Round {
  readonly together: readonly Timed[];
  readonly next:
    | "on"
    /** Until all is done and the laws are checked. */
    | "rest"
    | "a day passes"
    /** Whatever was paid and is not honored yet is given back by hand. */
    | "money goes back"
    /** The hours for which a payment is tried to be honored are over, and Stripe still makes and changes no subscription. */
    | "the deadline passes";
}

export interface Scenario {
  /** Of the faults that come by chance. */
  readonly faultSeed: number;
  readonly opening: readonly Timed[];
  readonly rounds: readonly Round[];
}
