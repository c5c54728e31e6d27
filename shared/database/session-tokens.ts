import * as z from "zod";
import type { Call } from "./client.ts";

const issued = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("issued"), organizationId: z.uuid(), expiresAt: z.iso.datetime() }),
  z.object({ outcome: z.literal("unauthorized") }),
  z.object({ outcome: z.literal("rate_limited"), retryAfter: z.number().int() }),
]);
const revoked = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("revoked"), revokedAt: z.iso.datetime() }),
  z.object({ outcome: z.enum(["unauthorized", "not_found"]) }),
]);

export interface IssueSessionToken {
  readonly keyDigest: string;
  readonly tokenId: string;
  readonly externalUserId: string;
  readonly externalOrganizationId?: string | undefined;
  readonly allowedOperations: string[];
  readonly lifetimeSeconds: number;
  readonly livemode: boolean;
}

/** The typed calls about session tokens. */
export function sessionTokenRows(call: Call) {
  return {
    issue: (input: IssueSessionToken) =>
      call("issue_session_token", {
        p_key_digest: input.keyDigest,
        p_token_id: input.tokenId,
        p_external_user_id: input.externalUserId,
        p_allowed_operations: input.allowedOperations,
        p_lifetime_seconds: input.lifetimeSeconds,
        p_livemode: input.livemode,
        ...(input.externalOrganizationId === undefined
          ? {}
          : { p_external_organization_id: input.externalOrganizationId }),
      }, issued),

    revoke: (keyDigest: string, tokenId: string, livemode: boolean) =>
      call("revoke_session_token", {
        p_key_digest: keyDigest,
        p_token_id: tokenId,
        p_livemode: livemode,
      }, revoked),
  };
}

export type SessionTokenRows = ReturnType<typeof sessionTokenRows>;
