import * as z from "zod";
import { discount } from "./discount.ts";
import { feature, organization, product } from "./offers.ts";
import { key } from "./primitives.ts";

/** A catalogue as `billing.catalogue.ts` has it, and what holds between its parts. */
export const written = z.strictObject({
  organization,
  features: z.record(key, feature).default({}),
  products: z.record(key, product).default({}),
  discounts: z.record(key, discount).default({}),
}).superRefine(({ features, products, discounts }, context) => {
  const say = (path: string[], message: string) =>
    context.addIssue({ code: "custom", path, message });
  const priceOf = new Map<string, string>();
  for (const [productKey, one] of Object.entries(products)) {
    for (const [name, granted] of Object.entries(one.features)) {
      const at = ["products", productKey, "features", name];
      const type = features[name]?.type;
      if (type === undefined) say(at, `is no feature of this file: add ${name} under features`);
      else if ((type === "boolean") !== (granted === true)) {
        say(
          at,
          type === "boolean"
            ? "is boolean: write true, or leave it out"
            : 'needs a number or "unlimited"',
        );
      }
    }
    for (const name of Object.keys(one.prices)) {
      const other = priceOf.get(name);
      if (other !== undefined) {
        say(
          ["products", productKey, "prices", name],
          `is a price of ${other} too: each price has a key of its own`,
        );
      }
      priceOf.set(name, productKey);
    }
  }
  const codes = new Map<string, string>();
  for (const [name, { code, product: of }] of Object.entries(discounts)) {
    if (of !== undefined && products[of] === undefined) {
      say(["discounts", name, "product"], `${of} is no product of this file`);
    }
    const other = codes.get(code.toLowerCase());
    if (other !== undefined) say(["discounts", name, "code"], `is the code of ${other} too`);
    codes.set(code.toLowerCase(), name);
  }
});
