// A server of a merchant, and a program that buys: what each entry exports, and one call of each against a real server.
import { createServer } from "node:http";
import { createCheckoutClient, NotFoundError } from "@billingos/checkout";
import { createCheckoutServer } from "@billingos/checkout/server";

const server = createServer((request, response) => {
  const [status, body] = request.url === "/session-tokens"
    ? [201, { sessionToken: "token", tokenId: "id" }]
    : [404, { error: { code: "session_not_found", message: "No.", requestId: "r" } }];
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const functionsUrl = `http://127.0.0.1:${server.address().port}`;

const organizationKey = `sk_test_${"k".repeat(40)}`;
const { sessionToken } = await createCheckoutServer({ functionsUrl, organizationKey })
  .createSessionToken({ externalUserId: "u" });
const client = createCheckoutClient({ functionsUrl, sessionToken });
const error = await client.status("s").catch((thrown) => thrown);
console.log(
  JSON.stringify({ sessionToken, refused: error instanceof NotFoundError && error.code }),
);
server.close();
