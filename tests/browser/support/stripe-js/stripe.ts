import { testMethods } from "../../../../examples/payment-sheet/src/buy/test-methods.ts";
import { elementsOf, type ElementsOptions } from "./elements.ts";
import { askTheBank } from "./windows.ts";

const misused = (message: string) =>
  Object.assign(new Error(message), { name: "IntegrationError" });

const BANK_ACCOUNT = "0001 2345 6789";

/**
 * `createPaymentMethod` needs `paymentMethodCreation: "manual"`, also where the Element has an intent
 * (https://docs.stripe.com/js/elements_object/create, https://github.com/stripe/stripe-js/pull/853), and `submit` before it
 * (https://github.com/stripe/stripe-js/issues/431). How the first is refused is inferred.
 */
function methodOf({ options, entered }: ReturnType<typeof elementsOf>) {
  if (options.paymentMethodCreation !== "manual") {
    throw misused("createPaymentMethod() needs paymentMethodCreation to be manual");
  }
  if (!entered.isSubmitted) {
    throw misused("elements.submit() must be called before createPaymentMethod()");
  }
  const wanted = entered.type === "us_bank_account" ? BANK_ACCOUNT : entered.number;
  const id = testMethods.find(({ number }) => number === wanted)?.paymentMethodId;
  return id === undefined ? { error: { message: "unknown" } } : { paymentMethod: { id } };
}

/** In the place of Stripe.js, which comes from Stripe alone: the part of it that the example uses, with intents of the simulator. */
function stripe(key: string, { stripeAccount }: { readonly stripeAccount?: string } = {}) {
  const caller = { key, account: stripeAccount };
  return {
    createToken: () => undefined,
    confirmCardPayment: () => undefined,
    elements: (options: ElementsOptions) => elementsOf(caller, options),

    createPaymentMethod: ({ elements }: { readonly elements: ReturnType<typeof elementsOf> }) =>
      Promise.resolve(elements).then(methodOf),

    async handleNextAction({ clientSecret }: { readonly clientSecret: string }) {
      const status = await askTheBank(caller, clientSecret);
      return status === "requires_payment_method"
        ? { error: { message: "We are unable to authenticate your payment method." } }
        : { paymentIntent: { status } };
    },
  };
}

// The name of the release that was asked for: the package complains in the console of another one.
const { currentScript } = document;
const source = currentScript instanceof HTMLScriptElement ? currentScript.src : "";
const [, version] = /\/(\w+)\/stripe\.js/.exec(source) ?? [];
Object.assign(globalThis, { Stripe: Object.assign(stripe, { version }) });
