import demo from "../billing.catalogue.ts";
import { push } from "../catalogue/push.ts";
import { Boot, settled } from "./boot.ts";
import { openDemoOrganization } from "./organization.ts";
import { openDatabaseSide } from "./database-side.ts";
import { openEdgeSide } from "./edge-side.ts";
import { startExample } from "./example/index.ts";
import { createSecrets } from "./functions-env.ts";
import { startGateway } from "./gateway/index.ts";
import { createKeys } from "./keys.ts";
import { openLogs } from "./logs.ts";
import { projectFolder } from "./migrate.ts";
import { withClient } from "./postgres/with-client.ts";
import { openRunFolder } from "./process/run-folder.ts";
import { stripeClient } from "./stripe-account.ts";
import type { Stack, StackOptions } from "./types.ts";

export type { Stack, StackInfo, StackOptions } from "./types.ts";

/**
 * Starts the whole embedded stack; two seconds or so on two cores. Several can run side by side.
 * When a part cannot start, what had started is stopped and the reason is thrown.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const boot = new Boot(options.onProgress);
  try {
    return await openAll(boot, options);
  } catch (error) {
    await boot.close().catch(() => undefined);
    throw error;
  }
}

async function openAll(boot: Boot, options: StackOptions): Promise<Stack> {
  const { workdir = projectFolder, ports = {} } = options;
  const keys = await createKeys();
  const secrets = createSecrets();
  const folder = await openRunFolder();
  boot.closeWith(() => folder.remove());
  const logs = openLogs(folder, options.onLine);
  boot.closeWith(() => logs.close());
  const example = workdir === projectFolder
    ? await boot.open(
      "example",
      async () => {
        const it = await startExample({ folder, port: ports.example });
        options.onExample?.(it.url);
        return it;
      },
      (it) => it.close(),
    )
    : undefined;
  // Before the rest, because the functions and Stripe's webhooks are told its address.
  const gateway = await boot.open(
    "gateway",
    () => startGateway({ keys, ...(ports.api === undefined ? {} : { port: ports.api }) }),
    (it) => it.close(),
  );
  const apiUrl = gateway.url;
  const [
    { postgres, postgrest, realtime, auth },
    { stripe, webhookSecrets, environment, functions },
  ] = await settled(
    openDatabaseSide(boot, { folder, workdir, keys, logs, port: ports.database, apiUrl }),
    openEdgeSide(boot, { folder, workdir, keys, secrets, logs, apiUrl, stack: options }),
  );
  gateway.upstreams.postgrestSocket = postgrest.socketPath;
  gateway.upstreams.realtimeUrl = realtime.url;
  gateway.upstreams.authUrl = auth.url;
  gateway.upstreams.findFunction = (slug) => functions.find(slug);
  const organization = await boot.step(
    "catalogue",
    () =>
      withClient(postgres.databaseUrl, async (client) => {
        const place = {
          client,
          stripe: stripeClient(stripe),
          livemode: false,
          progress: () => undefined,
        };
        await push(place, demo);
        return openDemoOrganization(client, demo.organization.key, secrets.digestKey);
      }),
  );

  const info = {
    apiUrl,
    functionsUrl: `${apiUrl}/functions/v1`,
    databaseUrl: postgres.databaseUrl,
    publishableKey: keys.publishableKey,
    secretKey: keys.secretKey,
    stripeUrl: stripe.url ?? "https://api.stripe.com",
    stripeSecretKey: stripe.secretKey,
    webhookSecret: webhookSecrets[0] ?? "",
    ...organization,
  };
  if (example !== undefined) {
    example.serve({ info, stripe, logs });
    // Its connection to the database ends before the database does.
    boot.closeWith(() => example.close());
  }
  return {
    info: { ...info, exampleUrl: example?.url ?? null },
    superuserUrl: postgres.superuserUrl,
    stripeAdminUrl: stripe.adminUrl,
    connectWebhookSecret: webhookSecrets[1] ?? webhookSecrets[0] ?? "",
    digestKey: secrets.digestKey,
    environment,
    functions,
    postgres,
    postgrest,
    auth,
    realtime,
    logs,
    stop: () => boot.close(),
  };
}
