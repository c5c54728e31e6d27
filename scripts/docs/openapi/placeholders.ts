import { isObject } from "./json-schema.ts";

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
/** When every recorded run began. */
const BEGUN = Date.parse("2026-01-15T12:00:00.000Z");

/** Numbers that no two runs share. */
const measured: Readonly<Record<string, number>> = {
  milliseconds: 12,
  now: BEGUN / SECOND,
  reconciledAt: BEGUN / SECOND,
  oldestDueSeconds: 0,
};

/**
 * Puts ids, secrets, addresses and times that are nobody's in the place of those of a run, each always the same: so a second run
 * of the same calls gives the same text.
 */
export class Placeholders {
  readonly #begun: number;
  readonly #known = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  constructor(begun: number, known: Readonly<Record<string, string>> = {}) {
    this.#begun = begun;
    for (const [real, shown] of Object.entries(known)) this.#known.set(real, shown);
  }

  in(value: unknown, key = ""): unknown {
    if (typeof value === "string") return this.#text(value);
    if (typeof value === "number") return measured[key] ?? value;
    if (Array.isArray(value)) return value.map((one) => this.in(one, key));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, this.in(one, name)]),
    );
  }

  #text(text: string): string {
    if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)) return this.#time(text);
    for (const [real, shown] of this.#known) {
      if (text.includes(real)) return this.#text(text.replaceAll(real, shown));
    }
    return text
      .replaceAll(
        /(?<![0-9a-f])[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g,
        (id) => this.#uuid(id),
      )
      .replaceAll(/\bbos_session_test_[\w.-]+/g, "bos_session_test_example")
      .replaceAll(/\bpk_test_\w+/g, "pk_test_example")
      .replaceAll(/_secret_\w+/g, "_secret_example")
      .replaceAll(
        /\b(acct|pi|seti|sub|cus|evt)_[A-Za-z0-9]{6,}/g,
        (id, kind: string) => `${kind}_example${this.#number(kind, id)}`,
      )
      .replaceAll(/(?<=\/p\/session\/)\w+/g, "example")
      .replace(/^http:\/\/127\.0\.0\.1:\d+(?=\/)/, "https://stripe.example.com");
  }

  #uuid(id: string): string {
    const number = String(this.#number("uuid", id)).padStart(12, "0");
    return `00000000-0000-4000-8000-${number}`;
  }

  /** The first of its kind is 1. */
  #number(kind: string, id: string): number {
    // Its own placeholder may be met again, inside of a text that was looked at in part.
    const key = `${kind} ${id}`;
    const found = this.#counts.get(key);
    if (found !== undefined) return found;
    const next = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, next);
    this.#counts.set(key, next);
    return next;
  }

  /** As long after the beginning, in days or in hours; a month is one whatever its days. */
  #time(text: string): string {
    const since = Date.parse(text) - this.#begun;
    const days = Math.round(since / DAY);
    const at = new Date(BEGUN);
    if (days >= 28 && days <= 31) at.setUTCMonth(at.getUTCMonth() + 1);
    else if (days >= 365 && days <= 366) at.setUTCFullYear(at.getUTCFullYear() + 1);
    else at.setTime(BEGUN + Math.round(since / (3_600 * SECOND)) * 3_600 * SECOND);
    return at.toISOString();
  }
}
