import { invalid } from "../core/errors.ts";
import { newId, randomToken } from "../core/ids.ts";
import { emptyable, flag, list, metadata, required, text, timeRange } from "../core/params.ts";
import { route } from "../http/router.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import type { WebhookEndpoint } from "../store/types.ts";
import { API_VERSION } from "../world.ts";
import { mergeMetadata } from "./shared.ts";

function typeMatches(type: string, wanted: string): boolean {
  return wanted.endsWith("*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

const events = route("GET", "/v1/events", {
  ...PAGE,
  created: timeRange(),
  delivery_success: flag(),
  type: text(),
  types: list(text()),
}, ({ world, account, params }) => {
  if (params.type !== undefined && params.types !== undefined) {
    throw invalid("You may only specify one of these parameters: type, types.", { param: "type" });
  }
  const wanted = params.types ?? (params.type === undefined ? undefined : [params.type]);
  const rows = account.events.all().filter((event) =>
    inRange(event.created, params.created) &&
    (wanted === undefined || wanted.some((one) => typeMatches(event.type, one))) &&
    (params.delivery_success === undefined ||
      params.delivery_success !== world.deliveries.failed(event.id))
  );
  return paginate(rows, params, "/v1/events", "event");
});

const FIELDS = {
  description: emptyable(text()),
  metadata: metadata(),
};

function checkUrl(url: string): string {
  if (URL.canParse(url) && /^https?:/.test(url)) return url;
  throw invalid("Invalid URL: An explicit scheme (such as https) must be provided.", {
    code: "url_invalid",
    param: "url",
  });
}

const createEndpoint = route("POST", "/v1/webhook_endpoints", {
  ...FIELDS,
  api_version: text(),
  connect: flag(),
  enabled_events: required(list(text())),
  url: required(text()),
}, ({ world, account, params }) => {
  if (account.connected) {
    throw invalid("This simulator keeps webhook endpoints on the platform's account only.");
  }
  if (params.api_version !== undefined && params.api_version !== API_VERSION) {
    throw invalid(`Invalid API version: ${params.api_version}`, { param: "api_version" });
  }
  const secret = `whsec_${randomToken(32)}`;
  const endpoint: WebhookEndpoint = {
    id: newId("we"),
    object: "webhook_endpoint",
    api_version: params.api_version ?? null,
    application: null,
    created: world.clock.now(),
    description: params.description ?? null,
    enabled_events: params.enabled_events,
    livemode: false,
    metadata: mergeMetadata({}, params.metadata),
    status: "enabled",
    url: checkUrl(params.url),
  };
  account.webhookEndpoints.add(endpoint);
  world.deliveries.register(endpoint.id, { secret, connect: params.connect ?? false });
  return { ...endpoint, secret };
});

const updateEndpoint = route("POST", "/v1/webhook_endpoints/:id", {
  ...FIELDS,
  disabled: flag(),
  enabled_events: list(text()),
  url: text(),
}, ({ account, ids, params }) => {
  const known = account.webhookEndpoints.get(ids[0] ?? "");
  if (params.url !== undefined) known.url = checkUrl(params.url);
  if (params.enabled_events !== undefined) known.enabled_events = params.enabled_events;
  if (params.disabled !== undefined) known.status = params.disabled ? "disabled" : "enabled";
  if (params.description !== undefined) known.description = params.description;
  known.metadata = mergeMetadata(known.metadata, params.metadata);
  return known;
});

const deleteEndpoint = route("DELETE", "/v1/webhook_endpoints/:id", {}, ({ account, ids }) => {
  const { id, object } = account.webhookEndpoints.get(ids[0] ?? "");
  account.webhookEndpoints.remove(id);
  return { id, object, deleted: true };
});

const endpoints = route(
  "GET",
  "/v1/webhook_endpoints",
  PAGE,
  ({ account, params }) =>
    paginate(account.webhookEndpoints.all(), params, "/v1/webhook_endpoints", "webhook endpoint"),
);

const anAccount = route("GET", "/v1/accounts/:id", {}, ({ world, ids }) => {
  return world.accountFor(ids[0] ?? "").settings;
});

/** The key's own, or the one that it acts for. */
const ownAccount = route("GET", "/v1/account", {}, ({ account }) => account.settings);

export const platformRoutes = [
  events,
  createEndpoint,
  updateEndpoint,
  deleteEndpoint,
  endpoints,
  anAccount,
  ownAccount,
];
