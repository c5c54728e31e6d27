/** The id of an object that Stripe may have sent whole. */
export const idOf = (object: string | { readonly id: string }): string =>
  typeof object === "string" ? object : object.id;
