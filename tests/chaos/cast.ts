import * as z from "zod";
import { CheckoutError } from "@billingos/checkout";
import type { Action, SessionAction } from "./actions.ts";
import { isBanks, playBank } from "./bank.ts";
import type { Told } from "./books.ts";
import { Customers } from "./customer.ts";
import { giveBack } from "./given-back.ts";
import { Merchant } from "./merchant.ts";
import { oneOf, outside, Refused, said, type Shown, type Stage, told } from "./stage.ts";
import { hourPasses, minutePasses } from "./time.ts";

/** A service that answers with one of these has lost its footing, whatever Stripe does to it. */
const NEVER = new Set(["internal_error", "unknown_error", "network_error"]);
const eventIds = z.array(z.object({ event: z.string() }));

/** Everybody: the customers, Stripe and the banks, the merchant, the cron job. */
export class Cast {
  readonly #stage: Stage;
  readonly #customers: Customers;
  readonly #merchant: Merchant;
  readonly #givenBack = new Set<string>();
  readonly #violations: string[] = [];
  /** What was done and what came of it, oldest first. */
  readonly journal: string[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#customers = new Customers(stage);
    this.#merchant = new Merchant(stage);
  }

  get violations(): readonly string[] {
    return [...this.#violations, ...this.#customers.violations];
  }

  get told(): Told {
    return { totals: this.#customers.totals, givenBack: this.#givenBack };
  }

  accuse(...violations: readonly string[]): void {
    this.#violations.push(...violations);
  }

  newDay(): void {
    this.#customers.newDay();
  }

  /** See `giveBack`. */
  async giveBack(): Promise<void> {
    const { arena, shop } = this.#stage;
    const sure = await giveBack(arena, shop, this.#customers.sessions);
    for (const id of sure) this.#givenBack.add(id);
    this.journal.push(`given back by hand: ${sure.map((id) => id.slice(0, 8)).join(", ")}`);
  }

  async perform(action: Action): Promise<void> {
    const started = JSON.stringify(action);
    try {
      const answer = await this.#perform(action);
      this.journal.push(`${started} -> ${answer}`);
    } catch (error) {
      this.journal.push(`${started} -> ${told(error)}`);
      const isRefusal = error instanceof CheckoutError && !NEVER.has(error.code);
      if (!isRefusal && !(error instanceof Refused)) {
        const why = [told(error), ...this.#logged(error)].join("\n    ");
        this.accuse(`${action.do} fails only as the table of errors says: ${why}`);
      }
    }
  }

  /** What the service has written down about a request that failed. */
  #logged(error: unknown): string[] {
    const id = error instanceof CheckoutError ? error.requestId : undefined;
    const lines = this.#stage.arena.stack.logs.tail(500).map(({ line }) => line);
    return id === undefined ? [] : lines.filter((line) => line.includes(id));
  }

  async #perform(action: Action): Promise<string> {
    const { arena, wares } = this.#stage;
    const { admin } = arena;
    if ("session" in action) {
      const { sessions } = this.#customers;
      const shown = action.session === "newest" ? sessions.at(-1) : oneOf(sessions, action.session);
      if (shown === undefined) return "no session yet";
      if (isBanks(action)) return playBank(this.#stage, action, shown);
      if (action.do === "change") return this.#customers.change(action, shown);
      if (action.do === "edit subscription") return this.#merchant.editSubscription(action, shown);
      return this.#onSession(action, shown);
    }
    switch (action.do) {
      case "create":
        return this.#customers.create(action);
      case "edit catalogue":
        return this.#merchant.editCatalogue(action);
      case "break":
        return said(await admin("POST", "/faults", action.fault), "armed");
      case "mend":
        return said(await admin("DELETE", "/faults"), "mended");
      case "reconcile":
        return JSON.stringify(
          await Promise.all(Array.from({ length: action.times }, () => arena.reconcile())),
        );
      case "let a minute pass":
        return said(await minutePasses(arena), "passed");
      case "put on sale": {
        const productId = oneOf(wares.products, action.product)?.productId ?? "";
        await arena.tamper("update billing.products set active = $2 where id = $1", [
          productId,
          action.active,
        ]);
        return productId;
      }
      case "deliver again": {
        const one = oneOf(eventIds.parse(await admin("GET", "/deliveries")), action.event);
        if (one === undefined) return "nothing to deliver";
        return said(await admin("POST", `/events/${one.event}/resend`), one.event);
      }
    }
  }

  async #onSession(action: SessionAction, shown: Shown): Promise<string> {
    const { arena, shop } = this.#stage;
    const { created } = shown;
    const at = created.id.slice(0, 8);
    switch (action.do) {
      case "confirm":
        return this.#customers.confirm(shown, action.card);
      case "confirm in browser":
        await outside(shop.payInBrowser(created, action.card));
        return at;
      case "let an hour pass":
        return said(await hourPasses(arena, created.id), at);
      case "cancel session":
        return this.#customers.cancel(shown);
      case "ask status":
      case "ask own status":
        return this.#customers.ask(shown, action.do === "ask own status");
    }
  }
}
