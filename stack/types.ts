import type { Functions } from "./functions/index.ts";
import type { LogLine, Logs } from "./logs.ts";

export interface StackOptions {
  /** The folder that holds `supabase/`, `shared/`, `deno.json`; by default this checkout. */
  readonly workdir?: string;
  /** Fixed ports; free ones by default. */
  readonly ports?: Partial<
    Record<"api" | "database" | "stripe" | "stripeAdmin" | "example", number>
  >;
  /** Where Stripe is looked for (stripe-account.ts), CHECKOUT_ALLOWED_ORIGINS and where traces go; nothing by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** More variables for the functions. */
  readonly functionsEnv?: Readonly<Record<string, string>>;
  /** Told the address of the example's page before anything else is started; it answers once the rest has. */
  readonly onExample?: (url: string) => void;
  /** Called when a part is ready, with the milliseconds that it took. */
  readonly onProgress?: (part: string, milliseconds: number) => void;
  /** Called with every line that a part writes. */
  readonly onLine?: (line: LogLine) => void;
}

/** What `npm run stack -- --json` prints. All of it is made for this start and dies with it. */
export interface StackInfo {
  /** The one origin, as `https://<ref>.supabase.co`. */
  readonly apiUrl: string;
  /** `<apiUrl>/functions/v1`. */
  readonly functionsUrl: string;
  /** As `postgres`, no superuser. */
  readonly databaseUrl: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  readonly stripeUrl: string;
  readonly stripeSecretKey: string;
  /** Of the platform's endpoint. */
  readonly webhookSecret: string;
  readonly organizationId: string;
  readonly organizationKey: string;
  /** Price ids of the demo catalogue: monthly, yearly, trial, free, eur, jpy, seats. */
  readonly prices: Readonly<Record<string, string>>;
  /** The page of examples/payment-sheet, built when it is first asked for; null where the stack is another folder's. */
  readonly exampleUrl: string | null;
}

/** What can be broken on purpose and mended again. */
export interface Breakable {
  halt(): Promise<void>;
  resume(): Promise<void>;
}

/** A running stack, for programs in the same process. */
export interface Stack {
  readonly info: StackInfo;
  /** As `supabase_admin`. */
  readonly superuserUrl: string;
  /** The simulator's admin server; undefined with any other Stripe. */
  readonly stripeAdminUrl: string | undefined;
  /** The signing secret of the endpoint for connected accounts. */
  readonly connectWebhookSecret: string;
  /** HMAC key of the digests in the database, for tests that add keys of their own. */
  readonly digestKey: Uint8Array<ArrayBuffer>;
  /** The variables of the functions. */
  readonly environment: Readonly<Record<string, string>>;
  readonly functions: Functions;
  readonly postgres: Breakable;
  readonly postgrest: Breakable;
  readonly auth: { showKeys(shown: boolean): void };
  readonly realtime: { dropConnections(): void };
  readonly logs: Logs;
  /** Ends every process, closes every port, removes the temporary folder. */
  stop(): Promise<void>;
}
