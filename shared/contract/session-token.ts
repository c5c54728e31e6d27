import * as z from "zod";
import { externalId, timestamp, uuid } from "./primitives.ts";

/** What a session token may be used for. */
export const operation = z.enum(["checkout", "entitlements"]);
export type Operation = z.infer<typeof operation>;

export const createSessionTokenRequest = z.object({
  externalUserId: externalId,
  externalOrganizationId: externalId.optional(),
  /** Seconds until the token expires: one minute to one day, an hour unless told. */
  expiresIn: z.number().int().min(60).max(86_400).default(3_600),
  allowedOperations: z.array(operation).min(1).max(10).default(["checkout", "entitlements"]),
});

export const createSessionTokenResponse = z.object({
  sessionToken: z.string(),
  tokenId: uuid,
  expiresAt: timestamp,
  allowedOperations: z.array(operation),
});
export type CreateSessionTokenResponse = z.infer<typeof createSessionTokenResponse>;

export const revokeSessionTokenResponse = z.object({ tokenId: uuid, revokedAt: timestamp });
export type RevokeSessionTokenResponse = z.infer<typeof revokeSessionTokenResponse>;
