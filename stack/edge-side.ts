import { environmentGroups } from "../shared/runtime/environment.ts";
import type { Boot } from "./boot.ts";
import { functionsEnvironment, type ProjectSecrets } from "./functions-env.ts";
import { type Functions, startFunctions } from "./functions/index.ts";
import { permissionsOf } from "./functions/permissions.ts";
import type { StackKeys } from "./keys.ts";
import type { Logs } from "./logs.ts";
import type { RunFolder } from "./process/run-folder.ts";
import { openStripe, registerWebhooks, type StripeAccount, stripeHost } from "./stripe-account.ts";
import type { StackOptions } from "./types.ts";

export interface EdgeSide {
  readonly stripe: StripeAccount;
  /** The platform endpoint's first. */
  readonly webhookSecrets: readonly string[];
  /** Of all functions together. */
  readonly environment: Readonly<Record<string, string>>;
  readonly functions: Functions;
}

/** Where traces go, as whoever starts the stack says it. */
const telemetryOf = (env: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(environmentGroups.telemetry.flatMap((name) => {
    const value = env[name];
    return value === undefined || value === "" ? [] : [[name, value]];
  }));

/** Stripe and the functions: Stripe first, since they are started with its webhook secrets. */
export async function openEdgeSide(boot: Boot, options: {
  readonly folder: RunFolder;
  readonly workdir: string;
  readonly keys: StackKeys;
  readonly secrets: ProjectSecrets;
  readonly logs: Logs;
  readonly apiUrl: string;
  readonly stack: StackOptions;
}): Promise<EdgeSide> {
  const { apiUrl, folder, workdir, keys, secrets, logs } = options;
  const { env = {}, ports = {}, functionsEnv } = options.stack;
  const stripe = await boot.open("Stripe", () =>
    openStripe({
      env,
      ...(ports.stripe === undefined ? {} : { port: ports.stripe }),
      ...(ports.stripeAdmin === undefined ? {} : { adminPort: ports.stripeAdmin }),
    }), (it) => it.close());
  const webhookSecrets = await registerWebhooks(stripe, `${apiUrl}/functions/v1/stripe-webhook`);
  const usual = functionsEnvironment({
    apiUrl,
    keys,
    secrets,
    stripe,
    webhookSecrets,
    allowedOrigins: env["CHECKOUT_ALLOWED_ORIGINS"] ?? "*",
  });
  const environment: Readonly<Record<string, string>> = {
    ...usual,
    ...telemetryOf(env),
    ...functionsEnv,
  };
  const { SUPABASE_URL = apiUrl, STRIPE_API_URL = stripe.url } = environment;
  const stripes = stripeHost(STRIPE_API_URL);
  // Each function's: the project, and whoever collects traces.
  const hosts = [SUPABASE_URL, environment["OTEL_EXPORTER_OTLP_ENDPOINT"]]
    .flatMap((url) => url === undefined ? [] : [new URL(url).host]);
  const functions = await boot.open("functions", () =>
    startFunctions({
      folder,
      workdir,
      env: environment,
      hosts: [...hosts, stripes],
      narrow: (slug) => {
        const { env: names, stripe: needsStripe } = permissionsOf(slug);
        return {
          env: Object.fromEntries(
            Object.entries(environment).filter(([name]) => names.includes(name)),
          ),
          hosts: needsStripe ? [...hosts, stripes] : hosts,
        };
      },
      onLine: (slug, line) => logs.add(`function:${slug}`, line),
    }), (it) => it.stop());
  return { stripe, webhookSecrets, environment, functions };
}
