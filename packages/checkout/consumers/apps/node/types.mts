// What a program in TypeScript is told, by the compiler: a line that is marked must be refused.
import { createCheckoutClient, PaymentError, type Snapshot } from "@billingos/checkout";
import { createCheckoutServer } from "@billingos/checkout/server";

const client = createCheckoutClient({ functionsUrl: "https://example.com", sessionToken: "t" });

export async function buy(priceId: string, paymentMethodId: string): Promise<Snapshot["status"]> {
  const session = await client.create({ priceId, quantity: 2 });
  const total: number = session.totalAmount;
  try {
    await client.confirm({ clientSecret: session.clientSecret, paymentMethodId });
  } catch (error) {
    if (error instanceof PaymentError && error.code === "card_declined") return "pending";
  }
  for await (const { status } of client.watch(session)) if (status === "succeeded") return status;
  return total > 0 ? "failed" : "canceled";
}

// @ts-expect-error a price is needed
void client.create({ quantity: 2 });
// @ts-expect-error it is a number
void client.create({ priceId: "p", quantity: "2" });
// @ts-expect-error no such status
export const odd: Snapshot["status"] = "paid";
// @ts-expect-error the server's key is needed
createCheckoutServer({ functionsUrl: "https://example.com" });

const server = createCheckoutServer({ functionsUrl: "https://example.com", organizationKey: "sk" });
export const limit: Promise<number | null> = server.check({ externalUserId: "u" }, "seats")
  .then((answer) => answer.limit);
