import { invalid } from "../core/errors.ts";
import { choice, emptyable, flag, hash, list, metadata, required, text } from "../core/params.ts";
import { newPortalConfiguration, newPortalSession } from "../entities/portal.ts";
import { type Call, route } from "../http/router.ts";
import { PAGE, paginate } from "../store/list.ts";
import type { PortalConfiguration } from "../store/types.ts";
import { customerNamed, mergeMetadata } from "./shared.ts";

const PATH = "/v1/billing_portal/configurations";
const SWITCH = hash({ enabled: required(flag()) });
const FEATURES = hash({
  customer_update: hash({
    allowed_updates: list(choice("address", "email", "name", "phone", "shipping", "tax_id")),
    enabled: required(flag()),
  }),
  invoice_history: SWITCH,
  payment_method_update: SWITCH,
  subscription_cancel: hash({
    enabled: required(flag()),
    mode: choice("at_period_end", "immediately"),
    proration_behavior: choice("always_invoice", "create_prorations", "none"),
  }),
  subscription_update: SWITCH,
});
const FIELDS = { default_return_url: emptyable(text()), metadata: metadata() };

const create = route("POST", PATH, {
  ...FIELDS,
  features: required(FEATURES),
}, ({ world, account, params }) =>
  account.portalConfigurations.add(newPortalConfiguration({
    created: world.clock.now(),
    is_default: false,
    default_return_url: params.default_return_url ?? null,
    features: params.features,
    metadata: mergeMetadata({}, params.metadata),
  })));

const update = route("POST", `${PATH}/:id`, {
  ...FIELDS,
  active: flag(),
}, ({ world, account, ids, params }) => {
  const known = account.portalConfigurations.get(ids[0] ?? "");
  if (known.is_default && params.active === false) {
    throw invalid("You cannot deactivate your default configuration.", { param: "active" });
  }
  if (params.active !== undefined) known.active = params.active;
  if (params.default_return_url !== undefined) {
    known.default_return_url = params.default_return_url;
  }
  known.metadata = mergeMetadata(known.metadata ?? {}, params.metadata);
  known.updated = world.clock.now();
  return known;
});

const all = route("GET", PATH, {
  ...PAGE,
  active: flag(),
  is_default: flag(),
}, ({ account, params }) => {
  const rows = account.portalConfigurations.all().filter((one) =>
    (params.active === undefined || one.active === params.active) &&
    (params.is_default === undefined || one.is_default === params.is_default)
  );
  return paginate(rows, params, PATH, "configuration");
});

function configurationOf({ account }: Call, id: string | undefined): PortalConfiguration {
  if (id === undefined) {
    const saved = account.portalConfigurations.all().find((one) => one.is_default);
    if (saved !== undefined) return saved;
    throw invalid(
      "No configuration provided and your test mode default configuration has not been created. Provide a configuration or create your default by saving your customer portal settings in test mode at https://dashboard.stripe.com/test/settings/billing/portal.",
    );
  }
  const known = account.portalConfigurations.get(id, "configuration");
  if (known.active) return known;
  throw invalid(`The configuration ${id} is not active.`, { param: "configuration" });
}

const open = route("POST", "/v1/billing_portal/sessions", {
  configuration: text(),
  customer: required(text()),
  return_url: text(),
}, (call) => {
  const { world, account, params } = call;
  const customer = customerNamed(call, params.customer);
  const configuration = configurationOf(call, params.configuration);
  if (params.return_url !== undefined && !URL.canParse(params.return_url)) {
    throw invalid("Not a valid URL", { code: "url_invalid", param: "return_url" });
  }
  return account.portalSessions.add(newPortalSession(world.url, {
    configuration: configuration.id,
    created: world.clock.now(),
    customer,
    return_url: params.return_url ?? configuration.default_return_url,
  }));
});

export const billingPortalRoutes = [create, update, all, open];
