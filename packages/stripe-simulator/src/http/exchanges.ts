import type { Json } from "../core/json.ts";

/** One API call as it went over the wire. */
export interface ApiExchange {
  kind: "api";
  requestId: string;
  /** Simulator time, seconds. */
  at: number;
  method: string;
  path: string;
  params: Json;
  authorization: "secret" | "publishable" | "none";
  idempotencyKey: string | null;
  stripeAccount: string | null;
  /** Zero when the connection was cut instead of an answer. */
  status: number;
  response: unknown;
  /** The answer came from the idempotency keys, nothing was carried out. */
  replayed: boolean;
  faults: string[];
}

/** One attempt to deliver an event. */
export interface WebhookExchange {
  kind: "webhook";
  at: number;
  url: string;
  event: unknown;
  /** The listener's answer; zero when there was none. */
  status: number;
}

export type Exchange = ApiExchange | WebhookExchange;

const MOST = 50_000;

/** The last exchanges, oldest first. */
export class ExchangeLog {
  #entries: Exchange[] = [];

  add(exchange: Exchange): void {
    this.#entries.push(exchange);
    // Cutting in bulk keeps each addition cheap.
    if (this.#entries.length > MOST * 1.2) this.#entries = this.#entries.slice(-MOST);
  }

  list(): Exchange[] {
    return this.#entries.slice(-MOST);
  }

  clear(): void {
    this.#entries = [];
  }
}
