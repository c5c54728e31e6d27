// A function of the merchant's own, in Deno.
import { createCheckoutClient, NotFoundError, type Snapshot } from "@billingos/checkout";
import { createCheckoutServer } from "@billingos/checkout/server";

const server = Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen: () => undefined },
  (request) =>
    new URL(request.url).pathname === "/session-tokens"
      ? Response.json({ sessionToken: "token", tokenId: "id" }, { status: 201 })
      : Response.json(
        { error: { code: "session_not_found", message: "No.", requestId: "r" } },
        { status: 404 },
      ),
);
const functionsUrl = `http://127.0.0.1:${server.addr.port}`;

const organizationKey = `sk_test_${"k".repeat(40)}`;
const { sessionToken } = await createCheckoutServer({ functionsUrl, organizationKey })
  .createSessionToken({ externalUserId: "u" });
const answer: Snapshot | Error = await createCheckoutClient({ functionsUrl, sessionToken })
  .status("s").catch((error: Error) => error);
console.log(
  JSON.stringify({ sessionToken, refused: answer instanceof NotFoundError && answer.code }),
);
await server.shutdown();
