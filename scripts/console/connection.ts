import type { Client } from "pg";
import { connect, type Terminal } from "../operator.ts";

/** The rows of a question to the database. */
export type Rows = <Row extends object>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;

export interface Reading {
  readonly rows: Rows;
  readonly close: () => Promise<void>;
}

/** Milliseconds after which an answer is not waited for: the connection may be gone without a word. */
const PATIENCE = 15_000;

/**
 * A connection that reads and cannot write, made when it is first asked for, and anew after one that broke: the question
 * that met the broken one fails, and the next is answered again. The server ends what takes longer than ten seconds.
 */
export function openReading(terminal: Pick<Terminal, "env">, url: string | undefined): Reading {
  let current: Client | undefined;
  const close = async (): Promise<void> => {
    const client = current;
    current = undefined;
    // Of one that is broken there is nothing to end.
    await client?.end().catch(() => undefined);
  };
  const connected = async (): Promise<Client> => {
    const client = await connect(terminal, url);
    await client.query("set default_transaction_read_only = on; set statement_timeout = '10s'");
    return client;
  };
  return {
    close,
    async rows<Row extends object>(sql: string, values: readonly unknown[] = []) {
      current ??= await connected();
      try {
        // `pg` knows a time to wait for one query, its types only for a connection.
        const question = { text: sql, values: [...values], query_timeout: PATIENCE };
        const { rows } = await current.query<Row>(question);
        return rows;
      } catch (error) {
        void close();
        throw error;
      }
    },
  };
}
