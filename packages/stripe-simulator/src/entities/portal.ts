import { newId, randomToken } from "../core/ids.ts";
import type { PortalConfiguration, PortalSession } from "../store/types.ts";

type Features = PortalConfiguration["features"];

/** What a caller says of each feature; the rest is as Stripe's reference shows it. */
export interface GivenFeatures {
  customer_update?: Partial<Features["customer_update"]>;
  invoice_history?: Partial<Features["invoice_history"]>;
  payment_method_update?: Partial<Features["payment_method_update"]>;
  subscription_cancel?: Partial<Features["subscription_cancel"]>;
  subscription_update?: Partial<Features["subscription_update"]>;
}

function featuresOf(given: GivenFeatures): Features {
  return {
    customer_update: { allowed_updates: [], enabled: false, ...given.customer_update },
    invoice_history: { enabled: false, ...given.invoice_history },
    payment_method_update: {
      enabled: false,
      payment_method_configuration: null,
      ...given.payment_method_update,
    },
    subscription_cancel: {
      cancellation_reason: { enabled: false, feedback_options: null, options: [] },
      enabled: false,
      mode: "at_period_end",
      proration_behavior: "none",
      ...given.subscription_cancel,
    },
    subscription_pause: { duration: { interval_options: [], type: "indefinite" }, enabled: false },
    subscription_update: {
      billing_cycle_anchor: null,
      default_allowed_updates: [],
      enabled: false,
      proration_behavior: "none",
      schedule_at_period_end: { conditions: [] },
      trial_update_behavior: "end_trial",
      ...given.subscription_update,
    },
  };
}

export function newPortalConfiguration(
  { features, ...given }:
    & Pick<PortalConfiguration, "created" | "is_default" | "metadata">
    & Partial<Omit<PortalConfiguration, "features">>
    & { features: GivenFeatures },
): PortalConfiguration {
  return {
    id: newId("bpc"),
    object: "billing_portal.configuration",
    active: true,
    application: null,
    business_profile: { headline: null, privacy_policy_url: null, terms_of_service_url: null },
    default_return_url: null,
    livemode: false,
    login_page: { enabled: false, url: null },
    name: null,
    updated: given.created,
    features: featuresOf(features),
    ...given,
  };
}

/** @param origin where the simulator's own page is: Stripe's is at https://billing.stripe.com */
export function newPortalSession(
  origin: string,
  given: Pick<PortalSession, "configuration" | "created" | "customer" | "return_url">,
): PortalSession {
  return {
    id: newId("bps"),
    object: "billing_portal.session",
    customer_account: null,
    flow: null,
    livemode: false,
    locale: null,
    on_behalf_of: null,
    url: `${origin}/p/session/test_${randomToken(40)}`,
    ...given,
  };
}
