// `POST /?of=create|confirm|news&price=…&intent=…`: makes the very calls of Stripe that ours makes there, with parameters of the same
// weight, and as many of the database, each a row read by its primary key (tests/functions/round-trips.test.ts holds ours to these).
import { rpc, stripe, verified } from "./clients.ts";

const withCharge = { expand: ["latest_charge", "payment_method"] };

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams: asked } = new URL(request.url);
    const given = (name: string) => asked.get(name) ?? "";
    const row = () => rpc("bench_session", { p_session_id: given("session") });
    if (request.headers.has("stripe-signature")) await verified(request);
    const of = given("of");
    await row();
    if (of === "create") {
      const { client_secret: clientSecret } = await stripe.paymentIntents.create({
        amount: 2900,
        currency: "usd",
        automatic_payment_methods: { enabled: true, allow_redirects: "never" },
        setup_future_usage: "off_session",
        description: "Pro",
        metadata: { of },
      });
      await row();
      return Response.json({ clientSecret });
    }
    const intent = of === "confirm"
      ? await stripe.paymentIntents.confirm(given("intent"), {
        payment_method: "pm_card_visa",
        ...withCharge,
      })
      : await stripe.paymentIntents.retrieve(given("intent"), withCharge);
    await row();
    const method = idOf(intent.payment_method);
    const { id: customer } = await stripe.customers.create({ metadata: { of } });
    await row();
    await stripe.paymentMethods.attach(method, { customer });
    const { latest_invoice: invoice } = await stripe.subscriptions.create({
      customer,
      items: [{ price: given("price"), quantity: 1 }],
      payment_behavior: "default_incomplete",
      default_payment_method: method,
      metadata: { of },
      expand: ["latest_invoice"],
    });
    const invoiceId = idOf(invoice);
    await stripe.invoices.update(invoiceId, {
      metadata: { payment_intent_id: intent.id },
      auto_advance: false,
    });
    await stripe.invoices.pay(invoiceId, {
      paid_out_of_band: true,
      expand: ["parent.subscription_details.subscription"],
    });
    await row();
    return Response.json({ customer });
  },
};

function idOf(reference: string | { readonly id: string } | null): string {
  if (reference === null) throw new Error("Stripe's answer has no such object");
  return typeof reference === "string" ? reference : reference.id;
}
