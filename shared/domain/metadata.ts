import { METADATA_PREFIX } from "../contract/primitives.ts";

export type Metadata = Readonly<Record<string, string>>;

/** The merchant's metadata with ours, as Stripe is given them: a function of a row that does not change. */
export const stripeMetadata = (own: Metadata, merchants: Metadata): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(merchants).map(([key, value]) => [METADATA_PREFIX + key, value]),
  ),
  ...own,
});
