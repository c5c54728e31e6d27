import { newClientSecret, newId } from "../core/ids.ts";
import type { PaymentMethod, SetupAttempt, SetupIntent } from "../store/types.ts";

export type NewSetupIntent = Pick<SetupIntent, "created" | "usage"> & Partial<SetupIntent>;

export function newSetupIntent(given: NewSetupIntent): SetupIntent {
  const id = newId("seti");
  return {
    id,
    object: "setup_intent",
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: null,
    cancellation_reason: null,
    client_secret: newClientSecret(id),
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    mandate: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ["card"],
    single_use_mandate: null,
    status: "requires_payment_method",
    ...given,
  };
}

export function newSetupAttempt(
  now: number,
  intent: SetupIntent,
  method: PaymentMethod,
  status: "succeeded" | "failed" | "requires_action",
  error: SetupIntent["last_setup_error"] = null,
): SetupAttempt {
  return {
    id: newId("setatt"),
    object: "setup_attempt",
    application: intent.application,
    created: now,
    customer: intent.customer,
    customer_account: null,
    flow_directions: null,
    livemode: false,
    on_behalf_of: null,
    payment_method: method.id,
    payment_method_details: { type: method.type },
    setup_error: error,
    setup_intent: intent.id,
    status,
    usage: intent.usage,
  };
}
