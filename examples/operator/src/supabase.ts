import { createClient } from "@supabase/supabase-js";
import type { Database } from "../../../shared/database/database.types.ts";

function configured(name: string, value: string | undefined): string {
  if (value === undefined || value === "") throw new Error(`${name} is not set; see README.md`);
  return value;
}

/** The project, as whoever is signed in: row security decides what it shows. */
export const supabase = createClient<Database, "billing">(
  configured("VITE_SUPABASE_URL", import.meta.env.VITE_SUPABASE_URL),
  configured("VITE_SUPABASE_PUBLISHABLE_KEY", import.meta.env.VITE_SUPABASE_PUBLISHABLE_KEY),
  { db: { schema: "billing" } },
);

/** Forgets a sign-in that opens nothing any more; the page goes back to the sign-in. */
export async function forgetSignIn(): Promise<void> {
  await supabase.auth.signOut({ scope: "local" });
}

interface Answered<Data> {
  readonly data: Data;
  readonly error: { readonly message: string } | null;
  readonly status: number;
}

/** What was answered. Throws what was refused; a token that is refused as such (401) ends the sign-in. */
export async function rowsOf<Data>(
  asked: PromiseLike<Answered<Data>>,
): Promise<NonNullable<Data>> {
  const { data, error, status } = await asked;
  if (status === 401) await forgetSignIn();
  if (error !== null) throw new Error(error.message);
  if (data === null || data === undefined) throw new Error("the answer is empty");
  return data;
}
