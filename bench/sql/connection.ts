import { createHash } from "node:crypto";
import { Client } from "pg";

type Row = Record<string, unknown>;

/** One connection, whose statements are prepared once and then only carried out. */
export class Connection {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  static async open(url: string, role?: string): Promise<Connection> {
    const client = new Client({ connectionString: url });
    await client.connect();
    if (role !== undefined) await client.query(`set role ${role}`);
    return new Connection(client);
  }

  async rows<T extends object = Row>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    return (await this.#client.query<T>({ name: nameOf(text), text, values: [...values] }))
      .rows;
  }

  async row<T extends object = Row>(text: string, values: readonly unknown[] = []): Promise<T> {
    const [first] = await this.rows<T>(text, values);
    if (first === undefined) throw new Error(`no row: ${text}`);
    return first;
  }

  /** Several statements at once, which are not prepared. */
  async run(text: string): Promise<void> {
    await this.#client.query(text);
  }

  /** Calls a function of the schema `billing` with named arguments, as PostgREST does. */
  async call<T>(name: string, args: Row): Promise<T> {
    const names = Object.keys(args);
    const list = names.map((key, index) => `${key} => $${index + 1}`).join(", ");
    const values = names.map((key) => {
      const value = args[key];
      const isJson = typeof value === "object" && value !== null && !Array.isArray(value);
      return isJson ? JSON.stringify(value) : value;
    });
    const { result } = await this.row<{ result: T }>(
      `select billing.${name}(${list}) as result`,
      values,
    );
    return result;
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}

/** Postgres cuts a longer name off at 63 bytes (https://www.postgresql.org/docs/17/limits.html). */
const nameOf = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 32);
