/**
 * What functions ask of Stripe's package, by the names of its client's properties. All of its 161 would be made with every
 * client, and they are most of what the package weighs (stripe, esm/stripe.core.js). One that is asked after all is undefined;
 * a test holds these to what the sources name.
 */
export const stripeResources: ReadonlySet<string> = new Set([
  "accounts",
  "billingPortal",
  "charges",
  "coupons",
  "customers",
  "disputes",
  "events",
  "invoicePayments",
  "invoices",
  "paymentIntents",
  "paymentMethods",
  "prices",
  "products",
  "refunds",
  "setupIntents",
  "subscriptionItems",
  "subscriptions",
]);

/**
 * Stripe's client without the other resources. Throws where the package makes them in another way than the one that is known here.
 *
 * @param text of its file, whose lines stay where they are
 */
export function withoutOtherResources(text: string): string {
  const left = new Set(stripeResources);
  const classes = new Set<string>();
  const fewer = text
    .replaceAll(/this\.(\w+) = new (\w+)\(this\);/g, (made, name: string, type: string) => {
      if (!left.delete(name)) return "";
      classes.add(type);
      return made;
    })
    .replaceAll(
      /import \{ (\w+),? \} from '\.\/resources[\w/]*(?:\.js)?';/g,
      (imported, type: string) => classes.has(type) ? imported : "",
    )
    // What would list all of them, and is not called (`_prepResources`).
    .replace("import * as resources from './resources.js';", "const resources = {};");
  if (left.size > 0 || /resources\.js'/.test(fewer)) {
    throw new Error(`Stripe's package is not made as it was: ${[...left].join(", ")}`);
  }
  return fewer;
}
