import * as z from "zod/mini";
import { externalId, timestamp, uuid } from "./primitives.ts";

/** What a session token may be used for. A token that was made before one of these was known allows the others, as before. */
export const operation = z.enum(["checkout", "entitlements", "subscription", "portal"]);
export type Operation = z.infer<typeof operation>;

export const createSessionTokenRequest = z.object({
  externalUserId: externalId,
  externalOrganizationId: z.optional(externalId),
  /** Seconds until the token expires: one minute to one day, an hour unless told. */
  expiresIn: z.prefault(z.int().check(z.minimum(60), z.maximum(86_400)), 3_600),
  /**
   * Names that nothing here has are taken, since SDKs send those of operations to come, and allow nothing: a token of such
   * names alone opens nothing.
   */
  allowedOperations: z.pipe(
    z.optional(z.array(z.string().check(z.maxLength(100))).check(z.minLength(1), z.maxLength(50))),
    z.transform((names) =>
      operation.options.filter((known) => names === undefined || names.includes(known))
    ),
  ),
});

/** As a caller writes it: what is left out is filled in here. */
export type CreateSessionTokenInput = z.input<typeof createSessionTokenRequest>;

export const createSessionTokenResponse = z.object({
  sessionToken: z.string(),
  tokenId: uuid,
  expiresAt: timestamp,
  /** Those of the names asked for that allow something. */
  allowedOperations: z.array(operation),
});
export type CreateSessionTokenResponse = z.infer<typeof createSessionTokenResponse>;

export const revokeSessionTokenResponse = z.object({ tokenId: uuid, revokedAt: timestamp });
export type RevokeSessionTokenResponse = z.infer<typeof revokeSessionTokenResponse>;
