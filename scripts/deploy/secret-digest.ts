import { createHash } from "node:crypto";

/**
 * What the platform lists in the place of a secret's value: its SHA-256, which is how the dashboard labels it
 * (https://github.com/supabase/supabase/pull/30135); that it is in hexadecimal is inferred. Where it should be anything else, each
 * run sets the same values once more, and makes the webhook endpoints anew.
 */
export const sha256 = (value: string): string => createHash("sha256").update(value).digest("hex");
