import type { Client } from "pg";
import type Stripe from "stripe";
import { type DeepHealthResponse, deepHealthResponse } from "../../shared/contract/health.ts";
import { connectStripe } from "../../shared/stripe/client.ts";
import { isLoopback, type Settings } from "./settings.ts";

/** What `GET /health?deep=1` came to: its answer, or why there is none. */
export type HealthReading =
  | { readonly health: DeepHealthResponse; readonly reason?: undefined; readonly status: number }
  | { readonly health?: undefined; readonly reason: string; readonly status: number };

/** What the checks look at, each by its own way. */
export interface Project {
  readonly settings: Settings;
  readonly client: Client;
  readonly stripe: Stripe;
  /** The project runs on this machine. */
  readonly isLocal: boolean;
  /** The folder that holds `supabase/`. */
  readonly workdir: string;
  /** Asked once; several checks look at it. */
  readonly health: () => Promise<HealthReading>;
  /** The rows of a question to the database. */
  readonly rows: <Row extends object>(sql: string, values?: unknown[]) => Promise<Row[]>;
}

export function openProject(settings: Settings, client: Client, workdir: string): Project {
  let asked: Promise<HealthReading> | undefined;
  return {
    settings,
    client,
    workdir,
    stripe: connectStripe(settings.stripe),
    isLocal: isLoopback(settings.url),
    health: () => asked ??= readHealth(settings),
    rows: async <Row extends object>(sql: string, values: unknown[] = []) =>
      (await client.query<Row>(sql, values)).rows,
  };
}

/** Milliseconds; the function itself waits five seconds for Stripe. */
const PATIENCE = 20_000;

async function readHealth({ url, secretKey }: Settings): Promise<HealthReading> {
  try {
    const response = await fetch(new URL("/functions/v1/health?deep=1", url), {
      headers: { apikey: secretKey },
      signal: AbortSignal.timeout(PATIENCE),
    });
    const { status } = response;
    const body = deepHealthResponse.safeParse(await response.json().catch(() => undefined));
    return body.success
      ? { health: body.data, status }
      : { reason: `it answers ${status}`, status };
  } catch (error) {
    return { reason: error instanceof Error ? error.name : "no answer", status: 0 };
  }
}

/** Something that one question to the database counts. */
export async function count(
  project: Project,
  sql: string,
  values: unknown[] = [],
): Promise<number> {
  const [row] = await project.rows<{ count: string }>(sql, values);
  return Number(row?.count ?? 0);
}
