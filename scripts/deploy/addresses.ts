import type { EnvironmentRecord } from "../../shared/runtime/environment.ts";
import { databaseClient, isThisMachine } from "../database-url.ts";
import { isLoopback } from "../doctor/settings.ts";

/**
 * What is wrong with the origins that keys and tokens are sent to, and webhooks to the first of them; a sentence each.
 *
 * @param ref the project's, where that is known
 */
export function addressProblems(
  record: EnvironmentRecord,
  ref: string | undefined,
): readonly string[] {
  return ["SUPABASE_URL", "SUPABASE_API_URL", "STRIPE_API_URL"].flatMap((name) => {
    const text = record[name];
    if (text === undefined) return [];
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || url.href !== `${url.origin}/`) {
      return [`${name}: is not an origin (https://…); leave it out`];
    }
    if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(text))) {
      return [`${name}: is not https, so that keys would be sent in plain text; leave it out`];
    }
    // A custom domain says nothing of its project (https://supabase.com/docs/guides/platform/custom-domains).
    const isOther = name === "SUPABASE_URL" && ref !== undefined &&
      url.hostname.endsWith(".supabase.co") && url.hostname !== `${ref}.supabase.co`;
    return isOther ? [`${name}: is of another project than ${ref}; leave it out`] : [];
  });
}

/**
 * What is wrong with the database's address; the project is named in it where it is one of the platform's.
 *
 * @param isPlatform whether the project is one of Supabase's own platform, whose database is not on this machine
 */
export function databaseProblems(
  url: string | undefined,
  ref: string | undefined,
  isPlatform: boolean,
): readonly string[] {
  if (url === undefined) {
    return [
      "DATABASE_URL: is not set; take the session pooler's address from the project's Connect button " +
      "(postgresql://postgres.<ref>:<password>@….pooler.supabase.com:5432/postgres)",
    ];
  }
  try {
    const { host, user } = databaseClient(url);
    // Left over in a shell from a stack or an app: the schema would go there, and the functions to the project.
    if (isPlatform && isThisMachine(host)) {
      return [
        "DATABASE_URL: is of this machine, and not the project's; take it from the project's Connect button, and look whether the " +
        "environment has one, which counts before that of the file",
      ];
    }
    // The pooler has the project in the user's name, the direct address in its own.
    const hosted = /\.supabase\.(co|com)$/.test(host ?? "");
    if (hosted && ref !== undefined && ![host, user].some((text) => text?.includes(ref))) {
      return [
        `DATABASE_URL: is of another project than ${ref}; take it from that one's Connect button`,
      ];
    }
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
