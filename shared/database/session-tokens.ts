import * as z from "zod/mini";
import { present } from "../runtime/present.ts";
import type { Call } from "./client.ts";
import { rateLimited } from "./rate-limited.ts";

const issued = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("issued"), organizationId: z.uuid(), expiresAt: z.iso.datetime() }),
  z.object({ outcome: z.literal("unauthorized") }),
  rateLimited,
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

/** The typed calls about session tokens, for whoever shows an organization's key. */
export interface SessionTokenRows {
  /** Writes a token down and says until when it lives; within the organization's limit. */
  issue(input: IssueSessionToken): Promise<z.output<typeof issued>>;
  /** From then on the token opens nothing. */
  revoke(keyDigest: string, tokenId: string, livemode: boolean): Promise<z.output<typeof revoked>>;
}

export const sessionTokenRows = (call: Call): SessionTokenRows => ({
  issue: (input) =>
    call("issue_session_token", {
      p_key_digest: input.keyDigest,
      p_token_id: input.tokenId,
      p_external_user_id: input.externalUserId,
      p_allowed_operations: input.allowedOperations,
      p_lifetime_seconds: input.lifetimeSeconds,
      p_livemode: input.livemode,
      ...present({ p_external_organization_id: input.externalOrganizationId }),
    }, issued),

  revoke: (keyDigest, tokenId, livemode) =>
    call("revoke_session_token", {
      p_key_digest: keyDigest,
      p_token_id: tokenId,
      p_livemode: livemode,
    }, revoked),
});
