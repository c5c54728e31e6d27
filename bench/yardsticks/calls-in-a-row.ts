// `POST /?database=N&stripe=M`: verifies a signature where there is one, then makes as many calls in a row, each the least of
// its kind: a row read by its primary key, an intent made at Stripe (`write`) or read (`read`, an intent's id).
import { rpc, stripe, verified } from "./clients.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams: asked } = new URL(request.url);
    if (request.headers.has("stripe-signature")) await verified(request);
    for (let call = 0; call < Number(asked.get("database")); call += 1) {
      await rpc("bench_session", { p_session_id: asked.get("session") });
    }
    for (let call = 0; call < Number(asked.get("stripe")); call += 1) {
      const read = asked.get("read");
      if (read === null) await stripe.paymentIntents.create({ amount: 2900, currency: "usd" });
      else await stripe.paymentIntents.retrieve(read);
    }
    return Response.json({ done: true });
  },
};
