/** The id of what Stripe names or embeds; empty where there is nothing. */
export const idOf = (related: string | { readonly id: string } | null | undefined): string =>
  typeof related === "string" ? related : related?.id ?? "";
