import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { nodeTransport } from "../../../stack/realtime/node-transport.ts";
import type { Shop } from "../../support/shop.ts";
import { stack } from "../../support/stack.ts";

export interface Person {
  readonly supabase: ReturnType<typeof newClient>;
  readonly id: string;
  readonly token: string;
}

/** Has the project's users be customers of this shop and of no other. */
export async function setUsers(shop: Shop, users: string): Promise<void> {
  await shop.query("update billing.organizations set auth_users = 'off' where auth_users <> 'off'");
  await shop.query("update billing.organizations set auth_users = $2 where id = $1", [
    shop.organizationId,
    users,
  ]);
}

/** A browser's client of the project, with nobody signed in. */
export const newClient = () =>
  createClient(stack().apiUrl, stack().publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: nodeTransport },
  });

/** Somebody who signs up, as supabase-js does it. */
export async function signUp({ anonymous = false } = {}): Promise<Person> {
  const supabase = newClient();
  const { data, error } = anonymous
    ? await supabase.auth.signInAnonymously()
    : await supabase.auth.signUp({
      email: `${randomUUID()}@example.com`,
      password: randomUUID(),
    });
  if (error !== null || data.session === null) throw error ?? new Error("there is no session");
  return { supabase, id: data.session.user.id, token: data.session.access_token };
}
