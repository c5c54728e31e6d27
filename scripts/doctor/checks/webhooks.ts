import { handledEventTypes } from "../../../shared/domain/event-command.ts";
import { STRIPE_API_VERSION } from "../../../shared/stripe/client.ts";
import { isDeploys } from "../../deploy/webhooks.ts";
import { check, told } from "../check.ts";
import { count } from "../project.ts";

export interface Endpoint {
  readonly url: string;
  readonly status: string;
  /** Null: the account's default version. */
  readonly apiVersion: string | null;
  /** `*` is all of them. */
  readonly events: readonly string[];
  /** Deploy has made it and stored its secret, which the operator has not. */
  readonly isDeploys: boolean;
}

export interface WebhooksReading {
  readonly url: string;
  readonly endpoints: readonly Endpoint[];
  /** Organizations that sell on a connected account. */
  readonly connected: number;
  /**
   * Signing secrets of STRIPE_WEBHOOK_SECRETS, as the operator has it: no function but the webhook may read it. Undefined where the
   * operator has it not.
   */
  readonly secrets: number | undefined;
  /** Events come by `stripe listen`, which is no endpoint at Stripe. */
  readonly isForwarded: boolean;
}

const enabled = ({ status }: Endpoint) => status === "enabled";
const listed = (names: readonly string[]) =>
  names.length > 5
    ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more`
    : names.join(", ");

/** Whether Stripe tells us what it has to tell. */
export const webhooks = check({
  name: "webhooks",
  findings: {
    "missing": {
      severity: "failure",
      fix:
        "run `npm run deploy`, which makes the endpoints; until then reconcile takes events in, minutes late",
    },
    "disabled": {
      severity: "failure",
      fix:
        "enable the endpoint in Stripe's dashboard, after looking there at why its deliveries failed",
    },
    "version": {
      severity: "warning",
      fix:
        "run `npm run deploy`, which replaces those that it has made, and delete those of your own: a version is never changed",
    },
    "events": {
      severity: "failure",
      fix:
        "run `npm run deploy`, which sets the events of those that it has made, or set them yourself",
    },
    "connect-missing": {
      severity: "failure",
      fix:
        "run `npm run deploy`, which makes the second endpoint, with connect=true, and stores its secret",
    },
    "secrets": {
      severity: "failure",
      fix:
        "list the secret of each endpoint of your own in STRIPE_WEBHOOK_SECRETS and run `npm run deploy`, or delete the endpoint",
    },
  },
  read: async (project): Promise<WebhooksReading> => {
    const { settings, stripe, isLocal } = project;
    const url = new URL("/functions/v1/stripe-webhook", settings.url).href;
    const endpoints: Endpoint[] = [];
    for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) {
      const { status, api_version: apiVersion, enabled_events: events } = endpoint;
      if (endpoint.url !== url) continue;
      endpoints.push({ url, status, apiVersion, events, isDeploys: isDeploys(endpoint) });
    }
    return {
      url,
      endpoints,
      connected: await count(
        project,
        "select count(*) from billing.organizations where stripe_account_id is not null",
      ),
      secrets: settings.webhookSecrets?.length,
      // Stripe delivers to no loopback address.
      isForwarded: isLocal && settings.stripe.apiUrl === undefined,
    };
  },
  judge: ({ url, endpoints, connected, secrets, isForwarded }: WebhooksReading) => {
    if (isForwarded) return [];
    const alive = endpoints.filter(enabled);
    const own = alive.filter((one) => !one.isDeploys).length;
    const lacking = handledEventTypes.filter((type) =>
      alive.some(({ events }) => !events.includes("*") && !events.includes(type))
    );
    const versions = alive.map(({ apiVersion }) => apiVersion ?? "the account's default")
      .filter((version) => version !== STRIPE_API_VERSION);
    return told(
      [endpoints.length === 0, "missing", `Stripe has no webhook endpoint for ${url}`],
      [
        alive.length < endpoints.length,
        "disabled",
        `${endpoints.length - alive.length} of ${endpoints.length} webhook endpoints are disabled`,
      ],
      [
        versions.length > 0,
        "version",
        `a webhook endpoint sends events in version ${
          listed(versions)
        }, and the code reads ${STRIPE_API_VERSION}`,
      ],
      [lacking.length > 0, "events", `a webhook endpoint is not sent ${listed(lacking)}`],
      [
        // Stripe's list does not say which of them is for connected accounts (https://docs.stripe.com/api/webhook_endpoints/object),
        // so that two are counted.
        connected > 0 && endpoints.length === 1,
        "connect-missing",
        `${connected} organizations sell on connected accounts, whose events need a second endpoint`,
      ],
      [
        secrets !== undefined && secrets < own,
        "secrets",
        `${own} endpoints that deploy has not made sign with a secret each, and STRIPE_WEBHOOK_SECRETS has ${secrets}`,
      ],
    );
  },
});
