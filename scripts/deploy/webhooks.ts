import type Stripe from "stripe";
import { handledEventTypes } from "../../shared/domain/event-command.ts";
import { STRIPE_API_VERSION } from "../../shared/stripe/client.ts";
import { enabledEvents } from "../../shared/stripe/enabled-events.ts";
import { type Context, webhookUrl } from "./context.ts";
import { WEBHOOK_SECRETS } from "./ownership.ts";
import { sha256 } from "./secret-digest.ts";
import type { Step } from "./step.ts";

/** Of an endpoint that `deploy` has made: which of the two it is. */
const KIND = "billingos_checkout";
/** And by which digest the platform lists the secrets that were stored when it was made. */
const STORED = "billingos_secrets";
/** And beside which other secrets, as they were given. */
const BESIDE = "billingos_beside";
/** The account's own events, and those of the accounts that are connected to it. */
const KINDS = ["platform", "connect"] as const;
type Kind = (typeof KINDS)[number];

/**
 * Two endpoints, with exactly the events that the code handles and in the version that it reads. Only those are touched that
 * have this project's URL and were made here.
 *
 * Stripe tells an endpoint's secret when it is made and never again
 * (https://docs.stripe.com/api/webhook_endpoints/object#webhook_endpoint_object-secret), and its version is fixed then. So an endpoint
 * whose secret is not the one that is stored, or is stored beside others than are given now, or whose version is another, is
 * replaced: new ones are made, their secrets stored, the old ones deleted, in this order. So an event is sent to both, and one of the
 * two has the secret that the function knows. To one that is deleted Stripe sends nothing again
 * (https://docs.stripe.com/webhooks#retries): the stored secrets are never taken away first. What was on its way reconcile takes in.
 *
 * @param isRotation whether they are replaced although all is as it should be
 */
export function webhooks(
  { stripe, management, settings }: Pick<Context, "stripe" | "management" | "settings">,
  isRotation = false,
): Step {
  const urls = webhookUrls(settings);
  const url = webhookUrl(settings);
  const given = settings.webhookSecrets;
  const beside = sha256([...new Set(given)].toSorted().join());

  async function look() {
    const endpoints: Stripe.WebhookEndpoint[] = [];
    for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) {
      if (urls.includes(endpoint.url)) endpoints.push(endpoint);
    }
    const ours = endpoints.filter(isDeploys);
    const digest = (await management.secretDigests()).get(WEBHOOK_SECRETS);
    const stored = digest === undefined ? undefined : markOf(digest);
    const kept = KINDS.map((kind) =>
      ours.find(({ url: own, metadata, api_version: version }) =>
        own === url && metadata[KIND] === kind && version === STRIPE_API_VERSION &&
        stored !== undefined &&
        metadata[STORED] === stored && metadata[BESIDE] === beside
      )
    );
    const isWhole = !isRotation && kept.every((endpoint) => endpoint !== undefined);
    return {
      strangers: endpoints.filter((endpoint) => endpoint.url === url && !ours.includes(endpoint)),
      /** Both, or none: their secrets are stored together. */
      kept: isWhole ? kept.filter((endpoint) => endpoint !== undefined) : [],
      surplus: ours.filter((endpoint) => !isWhole || !kept.includes(endpoint)),
    };
  }

  return {
    name: "webhook endpoints",
    async check() {
      const { kept, surplus, strangers } = await look();
      const others = strangers.map(({ id }) => id).join(", ");
      return [
        ...(kept.length > 0
          ? []
          : KINDS.map((kind) => `make the ${kind} endpoint and store its secret`)),
        ...kept.filter(isStale).map(({ id }) => `update ${id} to the events that are handled`),
        ...surplus.map(({ id }) => `delete ${id}, which another takes the place of`),
        // Not ours to change; each event would come twice, which is harmless, with a secret that may be unknown, which is not.
        ...(others === "" || kept.length > 0 ? [] : [
          `leave ${others} alone, made for the same URL by somebody else: delete what you do not need`,
        ]),
      ];
    },
    async apply(say) {
      const { kept, surplus } = await look();
      for (const { id } of kept.filter(isStale)) {
        await stripe.webhookEndpoints.update(id, {
          enabled_events: [...enabledEvents],
          disabled: false,
        });
        say(`updated ${id}`);
      }
      if (kept.length === 0) {
        const made: { readonly id: string; readonly secret: string }[] = [];
        for (const kind of KINDS) made.push(await make(kind));
        const secrets = [...made.map(({ secret }) => secret), ...given].join(",");
        await management.setSecrets({ [WEBHOOK_SECRETS]: secrets });
        // Of what was sent, and not of what is there by now.
        const metadata = { [STORED]: markOf(sha256(secrets)), [BESIDE]: beside };
        for (const { id } of made) {
          await stripe.webhookEndpoints.update(id, { metadata });
          say(`made ${id} and stored its secret`);
        }
      }
      for (const { id } of surplus) {
        await stripe.webhookEndpoints.del(id);
        say(`deleted ${id}`);
      }
    },
  };

  async function make(kind: Kind) {
    const { id, secret } = await stripe.webhookEndpoints.create({
      enabled_events: [...enabledEvents],
      url,
      api_version: STRIPE_API_VERSION,
      connect: kind === "connect",
      description: "BillingOS Checkout, made by npm run deploy",
      metadata: { [KIND]: kind },
    });
    if (secret === undefined) throw new Error(`Stripe made ${id} without telling its secret`);
    return { id, secret };
  }
}

const isStale = ({ enabled_events: events, status }: Stripe.WebhookEndpoint): boolean =>
  status !== "enabled" ||
  [...events].toSorted().join() !== [...handledEventTypes].toSorted().join();

/** What marks the endpoints whose secrets are stored: the digest that the platform shows, digested once more. */
const markOf = (digest: string): string => sha256(digest);

/** Whether `deploy` has made it, which alone has seen its secret. */
export const isDeploys = ({ metadata }: Stripe.WebhookEndpoint): boolean =>
  KINDS.some((kind) => metadata[KIND] === kind);

/** What the webhook function is called at; the platform answers at the first too where the project has a domain of its own since. */
const webhookUrls = (settings: Pick<Context["settings"], "projectUrl" | "ref">) => [
  webhookUrl(settings),
  webhookUrl({ projectUrl: `https://${settings.ref}.supabase.co` }),
];

/** The endpoints that `deploy` has made for this project. */
export async function ourEndpoints(
  { stripe, settings }: Pick<Context, "stripe" | "settings">,
): Promise<readonly string[]> {
  const urls = webhookUrls(settings);
  const ids: string[] = [];
  for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) {
    if (urls.includes(endpoint.url) && isDeploys(endpoint)) ids.push(endpoint.id);
  }
  return ids;
}
