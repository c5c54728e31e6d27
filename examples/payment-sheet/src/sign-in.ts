import type { User } from "@supabase/supabase-js";
import { useEffect, useState } from "react";
import type { Supabase } from "./shop.ts";

/** Who is signed in with Supabase Auth; null where nobody is, undefined until that is known. */
export function useSignIn({ auth }: Supabase): User | null | undefined {
  const [user, setUser] = useState<User | null>();
  useEffect(() => {
    const { data } = auth.onAuthStateChange((_, session) => setUser(session?.user ?? null));
    return () => data.subscription.unsubscribe();
  }, [auth]);
  return user;
}
