import { noSuch } from "../core/errors.ts";

/** The objects of one kind in one account, in order of creation. */
export class Table<T extends { id: string }> {
  readonly #rows = new Map<string, T>();
  readonly #kind: string;

  /** `kind` is the word of Stripe's "No such …" message. */
  constructor(kind: string) {
    this.#kind = kind;
  }

  add(row: T): T {
    this.#rows.set(row.id, row);
    return row;
  }

  find(id: string): T | undefined {
    return this.#rows.get(id);
  }

  /** Throws Stripe's `resource_missing`: 404 for the path's own object, 400 for a parameter's. */
  get(id: string, param = "id"): T {
    const row = this.#rows.get(id);
    if (row === undefined) throw noSuch(this.#kind, id, param);
    return row;
  }

  remove(id: string): void {
    this.#rows.delete(id);
  }

  /** Oldest first. */
  all(): T[] {
    return [...this.#rows.values()];
  }

  get size(): number {
    return this.#rows.size;
  }
}
