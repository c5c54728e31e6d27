import { createLimit } from "../core/limit.ts";
import type { Faults } from "../faults/faults.ts";
import type { StoredEvent, WebhookEndpoint } from "../store/types.ts";
import { newDelivery, post } from "./delivery.ts";
import type { Delivery, EndpointSecret, Work } from "./delivery.ts";

export type OnAttempt = (url: string, event: StoredEvent, status: number) => void;

const KEPT = 50_000;
/** More connections than this at once tell a listener nothing new. */
const AT_ONCE = 64;

/** Sends events to the endpoints, again and again until one answers 2xx. */
export class Deliveries {
  readonly #faults: Faults;
  readonly #backoffMs: readonly number[];
  readonly #secrets = new Map<string, EndpointSecret>();
  readonly #limit = createLimit(AT_ONCE);
  readonly #stop = new AbortController();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Deliveries that wait for the next one to overtake them. */
  readonly #overtaken = new Map<string, Work[]>();
  readonly #byEvent = new Map<string, Work[]>();
  #log: Work[] = [];
  #collected: Work[] | undefined;
  #open = 0;
  #ended = 0;
  onAttempt: OnAttempt = () => undefined;

  constructor(faults: Faults, backoffMs: readonly number[]) {
    this.#faults = faults;
    this.#backoffMs = backoffMs;
  }

  register(endpointId: string, secret: EndpointSecret): void {
    this.#secrets.set(endpointId, secret);
  }

  listens(endpoint: WebhookEndpoint, type: string, connected: boolean): boolean {
    return endpoint.status === "enabled" &&
      this.#secrets.get(endpoint.id)?.connect === connected &&
      endpoint.enabled_events.some((wanted) => wanted === "*" || wanted === type);
  }

  enqueue(event: StoredEvent, endpoints: readonly WebhookEndpoint[]): void {
    for (const endpoint of endpoints) {
      const faults = this.#faults.forDelivery(event.type);
      const secret = this.#secrets.get(endpoint.id)?.secret ?? "";
      const work = newDelivery(event, endpoint, secret, faults);
      this.#remember(work);
      if (work.state !== "pending") continue;
      this.#open += 1;
      if (this.#collected === undefined) void this.#start(work);
      else this.#collected.push(work);
    }
  }

  /**
   * Runs something that makes events and returns what starts their delivery, so that a caller can
   * answer first. `start` resolves when each has been tried once.
   */
  collect<T>(run: () => T): { result: T; start: () => Promise<void> } {
    const collected: Work[] = [];
    this.#collected = collected;
    try {
      return {
        result: run(),
        start: async () => {
          await Promise.all(collected.splice(0).map((work) => this.#start(work)));
        },
      };
    } finally {
      this.#collected = undefined;
    }
  }

  /** All of them, or those of events that name one of these ids, wherever in them. */
  list(about: readonly string[] = []): Delivery[] {
    const isAbout = ({ payload }: Work) => {
      if (about.length === 0) return true;
      const text = JSON.stringify(payload);
      return about.some((id) => text.includes(JSON.stringify(id)));
    };
    return this.#log.filter(isAbout).map(
      ({ id, event, type, endpoint, url, state, at, attempts }) => ({
        id,
        event,
        type,
        endpoint,
        url,
        state,
        at,
        attempts,
      }),
    );
  }

  /** How many deliveries have neither arrived nor been dropped. */
  get open(): number {
    return this.#open;
  }

  /** How many deliveries have arrived so far: it rises as long as anything gets done. */
  get ended(): number {
    return this.#ended;
  }

  /** Whether any delivery of an event failed or was lost: what `delivery_success=false` lists. */
  failed(eventId: string): boolean {
    return (this.#byEvent.get(eventId) ?? []).some((work) =>
      work.state === "dropped" || (work.state === "pending" && work.attempts.length > 0)
    );
  }

  /** Sends an event once more, whatever has become of it. */
  resend(eventId: string): number {
    const works = this.#byEvent.get(eventId) ?? [];
    for (const work of works) {
      if (work.state !== "pending") this.#open += 1;
      work.state = "pending";
      void this.#attempt(work);
    }
    return works.length;
  }

  /** Forgets what is on its way. */
  reset(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const work of this.#log) if (work.state === "pending") work.state = "given_up";
    this.#log = [];
    this.#byEvent.clear();
    this.#overtaken.clear();
    this.#open = 0;
  }

  close(): void {
    this.reset();
    this.#stop.abort();
  }

  #remember(work: Work): void {
    this.#log.push(work);
    const known = this.#byEvent.get(work.event);
    if (known === undefined) this.#byEvent.set(work.event, [work]);
    else known.push(work);
    if (this.#log.length > KEPT * 1.2) this.#log = this.#log.slice(-KEPT);
  }

  async #start(work: Work): Promise<void> {
    if (work.reorder) {
      const waiting = this.#overtaken.get(work.endpoint) ?? [];
      this.#overtaken.set(work.endpoint, [...waiting, work]);
      this.#later(work.holdMs, () => this.#release(work.endpoint));
      return;
    }
    if (work.delayMs > 0) {
      this.#later(work.delayMs, () => this.#attempt(work));
      return;
    }
    await this.#attempt(work);
    await this.#release(work.endpoint);
  }

  async #release(endpoint: string): Promise<void> {
    const waiting = this.#overtaken.get(endpoint) ?? [];
    this.#overtaken.delete(endpoint);
    await Promise.all(waiting.map((work) => this.#attempt(work)));
  }

  async #attempt(work: Work): Promise<void> {
    if (work.state !== "pending") return;
    const copies = Array.from(
      { length: work.copies + 1 },
      () => this.#limit(() => this.#send(work)),
    );
    work.copies = 0;
    const outcomes = await Promise.all(copies);
    if (this.#stop.signal.aborted || work.state !== "pending") return;
    if (outcomes.some((status) => status >= 200 && status < 300)) {
      work.state = "delivered";
      work.payload.pending_webhooks = Math.max(0, work.payload.pending_webhooks - 1);
      this.#open -= 1;
      this.#ended += 1;
      return;
    }
    const last = this.#backoffMs.length - 1;
    const wait = this.#backoffMs[Math.min(work.attempts.length - 1, last)] ?? 1000;
    this.#later(wait, () => this.#attempt(work));
  }

  async #send(work: Work): Promise<number> {
    if (this.#stop.signal.aborted) return 0;
    const attempt = await post(work, this.#stop.signal);
    this.onAttempt(work.url, work.payload, attempt.status);
    return attempt.status;
  }

  #later(ms: number, run: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void run();
    }, ms);
    timer.unref();
    this.#timers.add(timer);
  }
}
