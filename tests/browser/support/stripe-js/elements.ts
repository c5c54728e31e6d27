import { type Caller, readIntent } from "./intents.ts";
import { signInAtBank } from "./windows.ts";

export interface ElementsOptions {
  readonly mode?: string;
  readonly clientSecret?: string;
  readonly currency?: string;
  readonly paymentMethodCreation?: string;
}

/** The payment methods that the account has switched on. */
const SWITCHED_ON = ["card", "us_bank_account", "klarna", "amazon_pay"];
/** Of a method that pays in one currency: https://docs.stripe.com/payments/payment-methods/payment-method-support */
const CURRENCY = new Map([["us_bank_account", "usd"], ["sepa_debit", "eur"]]);
const OVER = new Set(["succeeded", "canceled", "processing", "requires_capture"]);

/**
 * Made by `clientSecret`, an Element has the intent's payment methods; by `mode`, those that the account has switched on: the pinned
 * `StripeElementsOptionsMode` has no `allow_redirects`, and "by default, Stripe enables cards and other prevalent payment methods"
 * (https://docs.stripe.com/payments/finalize-payments-on-the-server). It does not load for an intent that is over:
 * https://docs.stripe.com/changelog/clover/2025-09-30/client-secret-reuse. `currency` narrows the methods of a set-up intent: the pinned
 * `StripeElementsOptionsClientSecret`.
 */
async function typesOf(
  caller: Caller,
  { clientSecret, currency }: ElementsOptions,
): Promise<string[]> {
  if (clientSecret === undefined) return SWITCHED_ON;
  const intent = await readIntent(caller, clientSecret);
  if (OVER.has(intent.status)) throw new Error(`an intent that is ${intent.status}`);
  return intent.payment_method_types.filter((type) =>
    currency === undefined || (CURRENCY.get(type) ?? currency) === currency
  );
}

function field(label: string, type: string, onInput: (value: string) => void) {
  const input = document.createElement("input");
  Object.assign(input, { type, name: "stripe" });
  input.addEventListener("input", () => onInput(input.value));
  const labeled = document.createElement("label");
  labeled.append(input, ` ${label}`);
  return labeled;
}

/** `stripe.elements`, for a Payment Element alone. */
export function elementsOf(caller: Caller, options: ElementsOptions) {
  const entered = { type: "card", number: "", isSubmitted: false };
  const create = () => {
    const listeners = new Map<string, (event: unknown) => void>();
    const form = document.createElement("fieldset");
    const load = async () => {
      const types = await typesOf(caller, options);
      form.append(
        ...types.map((type) => field(type, "radio", () => (entered.type = type))),
        field("Card number", "text", (value) => (entered.number = value)),
      );
      listeners.get("ready")?.({});
    };
    return {
      on: (event: string, listener: (event: unknown) => void) => listeners.set(event, listener),
      off: (event: string) => listeners.delete(event),
      update: () => undefined,
      destroy: () => form.remove(),
      mount(place: Element) {
        place.append(form);
        load().catch((error: unknown) => {
          const listener = listeners.get("loaderror");
          if (listener !== undefined) listener({ elementType: "payment", error });
          // https://github.com/richnologies/ngx-stripe/issues/167
          else if (form.isConnected) console.error("Unhandled payment Element loaderror", error);
        });
      },
    };
  };
  return {
    options,
    entered,
    create,
    update: () => undefined,

    /** That a bank's sign-in is part of it is inferred from the pinned "collect any data required". */
    async submit() {
      if (entered.type === "us_bank_account") await signInAtBank();
      else if (entered.number === "") return { error: { message: "incomplete" } };
      entered.isSubmitted = true;
      return { selectedPaymentMethod: entered.type };
    },
  };
}
