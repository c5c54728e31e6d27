import { createCheckoutServer } from "@billingos/checkout/server";

const url = process.env["NEXT_PUBLIC_SUPABASE_URL"] ?? "";

/** The merchant's server: it alone has the organization's key, and knows who has signed in. */
export async function POST(): Promise<Response> {
  const organizationKey = process.env["BILLINGOS_KEY"] ?? "";
  const billing = createCheckoutServer({ functionsUrl: `${url}/functions/v1`, organizationKey });
  const { sessionToken } = await billing.createSessionToken({ externalUserId: "you" });
  return new Response(sessionToken);
}
