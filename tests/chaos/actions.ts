import type { FaultSpec } from "../../stack/stripe/index.ts";

/** What is done with a session; it is named by a number, taken modulo how many there are when it comes to it. */
export type SessionAction =
  & { readonly session: number }
  & (
    | { readonly do: "confirm" | "confirm in browser"; readonly card: string }
    | { readonly do: "authenticate" | "settle debit"; readonly well: boolean }
    | { readonly do: "ask status" | "ask own status" | "let an hour pass" }
    | { readonly do: "cancel session" | "cancel subscription" | "cancel intent" }
  );

export interface CreateAction {
  readonly do: "create";
  readonly customer: number;
  readonly product: number;
  readonly key: "a" | "b" | null;
  readonly email: boolean;
  readonly freshToken: boolean;
}

export type Action =
  | SessionAction
  | CreateAction
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

/** What happens at once, then a rest: none, until all is done and the laws are checked, or a day. */
export interface Round {
  readonly together: readonly Timed[];
  readonly next: "on" | "rest" | "a day passes";
}

export interface Scenario {
  /** Of the faults that come by chance. */
  readonly faultSeed: number;
  readonly opening: readonly Timed[];
  readonly rounds: readonly Round[];
}
