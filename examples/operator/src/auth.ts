import type { Session } from "@supabase/supabase-js";
import { useEffect, useState } from "react";
import { supabase } from "./supabase.ts";

/** Who is signed in; null for nobody, undefined while that is looked up. */
export function useSignIn(): Session | null | undefined {
  const [session, setSession] = useState<Session | null>();
  useEffect(() => {
    // Tells of the stored sign-in first, then of each change: also of one that could not be refreshed.
    const { data } = supabase.auth.onAuthStateChange((_event, signedIn) => setSession(signedIn));
    return () => data.subscription.unsubscribe();
  }, []);
  return session;
}
