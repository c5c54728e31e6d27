import { CheckoutError } from "@billingos/checkout";

/** A page that needs one name of the package, and is to carry little more. */
export const isRefusal = (error: unknown) => error instanceof CheckoutError;
