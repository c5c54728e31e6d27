import * as z from "zod/mini";

declare const STRIPE_URL: string;

/** Whose page this is. */
export interface Caller {
  readonly key: string;
  readonly account: string | undefined;
}

const shown = z.object({
  status: z.string(),
  payment_method_types: z.array(z.string()),
  next_action: z.nullable(
    z.object({ use_stripe_sdk: z.optional(z.object({ stripe_js: z.string() })) }),
  ),
});

/** What a browser is shown of the intent that has this secret. */
export async function readIntent({ key, account }: Caller, clientSecret: string) {
  const [id = ""] = clientSecret.split("_secret_");
  const kind = id.startsWith("seti_") ? "setup_intents" : "payment_intents";
  const query = new URLSearchParams({ client_secret: clientSecret });
  const answer = await fetch(`${STRIPE_URL}/v1/${kind}/${id}?${query}`, {
    headers: {
      authorization: `Bearer ${key}`,
      ...(account === undefined ? {} : { "stripe-account": account }),
    },
  });
  return shown.parse(await answer.json());
}
