// Stripe's webhook as the least handler takes it: the signature verified, the event stored with one call.
import { rpc, verified } from "./clients.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    const event = await verified(request);
    await rpc("bench_store", { p_id: event.id, p_type: event.type, p_payload: event });
    return Response.json({ received: true });
  },
};
