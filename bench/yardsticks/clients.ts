import { createClient } from "@supabase/supabase-js";
import Stripe from "stripe";
import { required } from "./environment.ts";

/** The database as a function has it, in the schema `public`, where bench/yardsticks/functions.sql has made functions. */
export const database = createClient(required("SUPABASE_URL"), required("SUPABASE_SECRET_KEY"), {
  auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
});

/** What supabase-js answers, where it knows no types of the database. */
export interface Answer {
  readonly data: unknown;
  readonly error: { readonly message: string } | null;
}

/** Calls a function of the database; a failure is thrown. */
export async function rpc(name: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
  const answer: Answer = await database.rpc(name, args);
  if (answer.error !== null) throw new Error(`${name}: ${answer.error.message}`);
  return answer.data;
}

const { hostname, port } = new URL(required("STRIPE_API_URL"));
export const stripe: Stripe = new Stripe(required("STRIPE_SECRET_KEY"), {
  host: hostname,
  port: Number(port),
  protocol: "http",
  httpClient: Stripe.createFetchHttpClient(),
  telemetry: false,
  maxNetworkRetries: 0,
});
const provider = Stripe.createSubtleCryptoProvider();

/** The event, once its signature is right. */
export const verified = async (request: Request): Promise<Stripe.Event> =>
  stripe.webhooks.constructEventAsync(
    await request.text(),
    request.headers.get("stripe-signature") ?? "",
    required("STRIPE_WEBHOOK_SECRET"),
    undefined,
    provider,
  );
