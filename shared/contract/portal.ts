import * as z from "zod/mini";
import { webUrl } from "./primitives.ts";

export const portalRequest = z.object({
  /** Where the portal's link back leads: a page of an origin that may call from a browser. Without it there is no such link. */
  returnUrl: z.optional(webUrl),
});

export const portalResponse = z.object({
  /**
   * Opens Stripe's portal as this customer, whoever has it: for the customer's own browser, at once. Stripe lets it expire when it is
   * not visited (https://docs.stripe.com/api/customer_portal/sessions).
   */
  url: z.url(),
});
export type PortalResponse = z.infer<typeof portalResponse>;
