import { STATUS_CODE } from "deno-std/http/status.js";
import { organizationKeyOf } from "../../../shared/tokens/caller.ts";
import {
  createSessionTokenRequest,
  type CreateSessionTokenResponse,
  type RevokeSessionTokenResponse,
} from "../../../shared/contract/session-token.ts";
import { refused, refusedOrLimited } from "../../../shared/database/refused.ts";
import type { SessionTokenRows } from "../../../shared/database/session-tokens.ts";
import type { Digest } from "../../../shared/runtime/digest.ts";
import { readJson } from "../../../shared/http/body.ts";
import { type Call, pathId } from "../../../shared/http/routes.ts";
import type { SessionTokens } from "../../../shared/tokens/session-token.ts";

export interface SessionTokenDependencies {
  readonly rows: SessionTokenRows;
  readonly tokens: SessionTokens;
  readonly digest: Digest;
}

/** What the database's words mean to whoever asks about a token. */
const ownWords = { unauthorized: "api_key_invalid", not_found: "token_not_found" } as const;

/** `POST /session-tokens`: the merchant's server asks for a token for one of its users. */
export function createSessionToken({ rows, tokens, digest }: SessionTokenDependencies) {
  return async ({ request, log }: Call): Promise<Response> => {
    const { key, livemode } = organizationKeyOf(request);
    const input = await readJson(request, createSessionTokenRequest);
    const tokenId = crypto.randomUUID();
    const issued = await rows.issue({
      keyDigest: await digest("api_key", key),
      tokenId,
      externalUserId: input.externalUserId,
      externalOrganizationId: input.externalOrganizationId,
      allowedOperations: input.allowedOperations,
      lifetimeSeconds: input.expiresIn,
      livemode,
    });
    if (issued.outcome !== "issued") throw refusedOrLimited(issued, log, {}, ownWords);
    const token = {
      tokenId,
      organizationId: issued.organizationId,
      externalUserId: input.externalUserId,
      externalOrganizationId: input.externalOrganizationId,
      allowedOperations: input.allowedOperations,
      livemode,
    };
    const body: CreateSessionTokenResponse = {
      sessionToken: await tokens.issue(token, new Date(issued.expiresAt)),
      tokenId,
      expiresAt: issued.expiresAt,
      allowedOperations: input.allowedOperations,
    };
    return Response.json(body, { status: STATUS_CODE.Created });
  };
}

/** `DELETE /session-tokens/:tokenId`: from then on the token opens nothing. */
export function revokeSessionToken({ rows, digest }: SessionTokenDependencies) {
  return async ({ request, params }: Call): Promise<Response> => {
    const { key, livemode } = organizationKeyOf(request);
    const tokenId = pathId(params, "tokenId", "token_not_found");
    const revoked = await rows.revoke(await digest("api_key", key), tokenId, livemode);
    if (revoked.outcome !== "revoked") throw refused(revoked, ownWords);
    const body: RevokeSessionTokenResponse = { tokenId, revokedAt: revoked.revokedAt };
    return Response.json(body);
  };
}
