// `GET /:sessionId`: one call of supabase-js that reads the session by its primary key.
import { createClient } from "@supabase/supabase-js";
import type { Answer } from "./clients.ts";
import { required } from "./environment.ts";

const client = createClient(required("SUPABASE_URL"), required("SUPABASE_SECRET_KEY"), {
  auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
});

export default {
  async fetch(request: Request): Promise<Response> {
    const id = new URL(request.url).pathname.slice(1);
    const answer: Answer = await client.rpc("bench_session", { p_session_id: id });
    if (answer.error !== null || answer.data === null) {
      return new Response(answer.error?.message, { status: 500 });
    }
    return Response.json(answer.data);
  },
};
