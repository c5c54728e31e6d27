import type Stripe from "stripe";
import { handledEventTypes } from "../../../shared/domain/event-command.ts";
import { eventually } from "../../support/shop.ts";
import type { OwnShop, Subscribed } from "../../support/own-shop.ts";

/** Stripe's events about one subscription, delivered by the test alone and in whatever order it likes. */
export class Mailbag {
  readonly #own: OwnShop;
  readonly #subscription: Subscribed;
  readonly #since: number;
  readonly #seen = new Set<string>();
  #pending: Stripe.Event[] = [];

  /** @param since Stripe's time, in Unix seconds, before anything happened to the subscription */
  constructor(own: OwnShop, subscription: Subscribed, since: number) {
    this.#own = own;
    this.#since = since;
    this.#subscription = subscription;
  }

  /** Fetches what has happened since. */
  async collect(): Promise<void> {
    const { stripe } = this.#own.shop;
    const { session, stripeId, customer } = this.#subscription;
    const created = { gte: this.#since };
    const names = [session.paymentIntentId ?? "", stripeId, customer].map((id) => `"${id}"`);
    const found: Stripe.Event[] = [];
    for await (const event of stripe.events.list({ limit: 100, created })) {
      if (this.#seen.has(event.id)) continue;
      this.#seen.add(event.id);
      const text = JSON.stringify(event.data.object);
      if (handledEventTypes.includes(event.type) && names.some((id) => text.includes(id))) {
        found.push(event);
      }
    }
    this.#pending.push(...found.toReversed());
  }

  /** Oldest first, one after the other. */
  async deliverInOrder(): Promise<void> {
    await this.collect();
    for (const event of this.#pending) await this.#deliver(event);
    this.#pending = [];
  }

  /** Some of what waits, all at the same instant; each number picks one event, and one picked twice comes twice. */
  async deliverSome(picks: readonly number[]): Promise<void> {
    const picked = picks.flatMap((pick) => this.#pending[pick % this.#pending.length] ?? []);
    const delivered = new Set(picked);
    this.#pending = this.#pending.filter((event) => !delivered.has(event));
    await Promise.all(picked.map((event) => this.#deliver(event)));
  }

  /** All that is left, in the order of the keys. */
  async deliverRest(keys: readonly number[]): Promise<void> {
    const rest = this.#pending
      .map((event, index) => ({ event, key: keys[index % keys.length] ?? 0 }))
      .toSorted((one, other) => one.key - other.key);
    this.#pending = [];
    for (const { event, key } of rest) {
      await Promise.all(Array.from({ length: 1 + (key % 2) }, () => this.#deliver(event)));
    }
  }

  /** As Stripe does: signed, and again until it is taken. */
  async #deliver(event: Stripe.Event): Promise<void> {
    const { shop, stack } = this.#own;
    const payload = JSON.stringify(event);
    await eventually(
      async () => {
        const response = await fetch(`${stack.functionsUrl}/stripe-webhook`, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            "stripe-signature": await shop.stripe.webhooks.generateTestHeaderStringAsync({
              payload,
              secret: stack.webhookSecret,
            }),
          },
          body: payload,
        });
        return { type: event.type, status: response.status, text: await response.text() };
      },
      ({ status }) => status === 200,
    );
  }
}
