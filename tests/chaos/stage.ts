import { CheckoutError } from "@billingos/checkout";
import type { CreateResponse } from "../../shared/contract/create.ts";
import type { Shop } from "../support/shop.ts";
import type { Arena } from "./arena.ts";
import type { Listener } from "./listener.ts";
import type { Wares } from "./wares.ts";

/** A session that somebody was shown. */
export interface Shown {
  readonly created: CreateResponse;
  readonly user: string;
}

/** What the cast plays on. */
export interface Stage {
  readonly arena: Arena;
  readonly shop: Shop;
  readonly wares: Wares;
  readonly listener: Listener;
}

/** Refused by Stripe or its admin port, not by the service: everything may be refused there. */
export class Refused extends Error {}

export async function outside<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new Refused("refused at Stripe", { cause: error });
  }
}

/** One of a list, by a number that may be greater. */
export const oneOf = <T>(list: readonly T[], index: number): T | undefined =>
  list[index % Math.max(1, list.length)];

export const said = (_answer: unknown, word: string): string => word;

export const told = (error: unknown): string =>
  error instanceof CheckoutError
    ? `${error.status} ${error.code} ${error.requestId ?? ""}`
    : error instanceof Error
    ? `${error.message}${error.cause instanceof Error ? ` (${error.cause.message})` : ""}`
    : "something that is no error";
