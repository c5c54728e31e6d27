import { forgetSignIn, rowsOf, supabase } from "../supabase.ts";

export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly livemode: boolean;
}

/**
 * The organizations that the signed-in user is a member of. One who was signed out elsewhere is a member of none, while the access token
 * lasts: then Supabase Auth says so, and the sign-in is forgotten here too.
 */
export async function readOrganizations(): Promise<Organization[]> {
  const found = await rowsOf(
    supabase.from("organizations").select("id, name, livemode").order("name").limit(100),
  );
  if (found.length === 0) {
    const { error } = await supabase.auth.getUser();
    if (error !== null && (error.status ?? 0) >= 400 && (error.status ?? 0) < 500) {
      await forgetSignIn();
    }
  }
  return found;
}
