import { createCheckoutServer } from "@billingos/checkout/server";

export const dynamic = "force-dynamic";

/** The merchant's server, which knows who is signed in. */
export async function GET(): Promise<Response> {
  const billing = createCheckoutServer({
    functionsUrl: process.env["FUNCTIONS_URL"] ?? "",
    organizationKey: process.env["BILLINGOS_KEY"] ?? "",
  });
  const { sessionToken } = await billing.createSessionToken({ externalUserId: "u" });
  return new Response(sessionToken);
}
