import type { FoundCatalogue } from "../catalogue/load.ts";
import type { Settings as DoctorsSettings } from "../doctor/settings.ts";
import { catalogue, toPush } from "./catalogue.ts";
import type { Context } from "./context.ts";
import { cron } from "./cron.ts";
import { realtimePolicy, schema } from "./database-steps.ts";
import { newDigestKey } from "./digest-key.ts";
import { doctor, doctorsSettings } from "./doctor.ts";
import { exposedSchema } from "./exposed-schema.ts";
import { edgeFunctions } from "./functions.ts";
import { firstOrganization } from "./organization.ts";
import { ownership } from "./ownership.ts";
import { functionSecrets } from "./secrets.ts";
import { smokeTest } from "./smoke.ts";
import type { Step } from "./step.ts";
import { webhooks } from "./webhooks.ts";

export interface DeployOptions {
  /** The name of the first organization, where no catalogue has it. */
  readonly organization: string | undefined;
  readonly catalogue: FoundCatalogue | undefined;
  /** The functions are uploaded as they are written, and not bundled. */
  readonly sources: boolean;
  /** CHECKOUT_DIGEST_KEY is replaced on purpose. */
  readonly newDigestKey: boolean;
  /** The webhook endpoints are replaced, and with them their secrets. */
  readonly newWebhookSecrets: boolean;
  /** Takes the organization's key, this once. */
  readonly show: (key: string) => void;
}

/** What a hosted project needs, in the order in which each needs what is before it. */
export function allSteps(context: Context, options: DeployOptions): readonly Step[] {
  const { settings, folder, management } = context;
  let organizationKey: string | undefined;
  const show = (key: string) => {
    organizationKey = key;
    options.show(key);
  };
  return [
    schema(context),
    realtimePolicy(context, settings.ref),
    exposedSchema(context),
    ownership(context),
    functionSecrets(context),
    ...(options.newDigestKey ? [newDigestKey(context)] : []),
    // Before the functions, which do not start without its secrets.
    webhooks(context, options.newWebhookSecrets),
    edgeFunctions(context, options.sources),
    cron(context),
    firstOrganization(context, {
      name: options.organization,
      catalogue: toPush(options.catalogue)?.wanted.organization,
      show,
    }),
    catalogue(context, options.catalogue),
    smokeTest({
      folder,
      projectUrl: settings.projectUrl,
      secretKey: () => management.secretKey(),
      organizationKey: () => organizationKey,
    }),
    doctor(context, () => doctorsSettings(context, options.catalogue)),
  ];
}

/** What can differ on an embedded stack from what it did by itself when it started. */
export function localSteps(
  context: Pick<Context, "database" | "migrations" | "folder" | "stripe">,
  settings: DoctorsSettings,
): readonly Step[] {
  const { folder } = context;
  const { stripe: { livemode }, url: projectUrl, secretKey } = settings;
  return [
    schema(context),
    realtimePolicy(context, "_"),
    catalogue({ ...context, settings: { livemode } }, settings.catalogue),
    smokeTest({
      folder,
      projectUrl,
      secretKey: () => Promise.resolve(secretKey),
      organizationKey: () => undefined,
    }),
    doctor(context, () => Promise.resolve(settings)),
  ];
}
