import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { jwtVerify } from "jose";
import type { ApiRole, StackKeys } from "../keys.ts";
import type { Answer } from "./answer.ts";

/** What a request shows to the API behind the gateway. */
export interface Credentials {
  readonly apiKeyToken: string;
  readonly authorization: string;
}

/**
 * Does what the platform's gateway does with keys: a request needs one, in the header or the query
 * parameter `apikey`; a `sb_…` key becomes the JWT of its role. An `Authorization` that is missing or
 * repeats the key becomes that JWT as well; any other is a user's own and passes through, to be checked
 * by the API itself.
 */
export async function readCredentials(
  headers: IncomingHttpHeaders,
  url: URL,
  keys: StackKeys,
): Promise<Credentials | Answer> {
  const header = headers["apikey"];
  const given = (typeof header === "string" ? header : undefined) ??
    url.searchParams.get("apikey") ?? "";
  if (given === "") {
    return refusal(
      "No API key found in request",
      "No `apikey` request header or url param was found.",
    );
  }
  const role = await roleOf(given, keys);
  if (role === undefined) {
    return refusal("Invalid API key", "Double check your Supabase publishable or secret API key.");
  }
  const token = keys.roleTokens[role];
  const own = headers.authorization;
  const repeats = own === undefined || own === `Bearer ${given}`;
  return { apiKeyToken: token, authorization: repeats ? `Bearer ${token}` : own };
}

const refusal = (message: string, hint: string): Answer => ({
  status: 401,
  body: { message, hint },
});

async function roleOf(given: string, keys: StackKeys): Promise<ApiRole | undefined> {
  if (same(given, keys.publishableKey)) return "anon";
  if (same(given, keys.secretKey)) return "service_role";
  const role = await verifiedRole(given, keys);
  return role === "anon" || role === "service_role" ? role : undefined;
}

/** The role in a JWT that this stack signed; undefined for every other string. */
export async function verifiedRole(token: string, keys: StackKeys): Promise<string | undefined> {
  try {
    const secret = new TextEncoder().encode(keys.jwtSecret);
    const { payload } = await jwtVerify(token, secret, { algorithms: ["HS256"] });
    return typeof payload["role"] === "string" ? payload["role"] : undefined;
  } catch {
    return undefined;
  }
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
