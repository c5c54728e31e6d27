import type { IncomingMessage, ServerResponse } from "node:http";
import { CheckoutError, createCheckoutServer } from "@billingos/checkout/server";
import * as z from "zod";
import { jsonOf } from "../../scripts/json.ts";
import { tell } from "./tell.ts";

/** Bytes: more than any name of a user needs. */
const MOST = 4_096;

const asked = z.object({ externalUserId: z.string().min(1) });

export interface Merchant {
  readonly functionsUrl: string;
  readonly organizationKey: string;
}

/**
 * The merchant's server of the demonstration. A merchant's knows who has signed in; this one takes the page's word for it, which is
 * why nothing but the embedded stack serves it.
 */
export function sessionTokens(merchant: Merchant) {
  const server = createCheckoutServer(merchant);
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "POST") {
      response.writeHead(405, { allow: "POST" }).end();
      return;
    }
    // No form of another page can send it: https://fetch.spec.whatwg.org/#cors-safelisted-request-header
    if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
      tell(response, 415, { message: "the body must be JSON" });
      return;
    }
    const body = asked.safeParse(await readJson(request));
    if (!body.success) {
      tell(response, 400, { message: `the body must be {"externalUserId": "…"}` });
      return;
    }
    try {
      const { sessionToken } = await server.createSessionToken(body.data);
      tell(response, 200, { sessionToken });
    } catch (error) {
      if (!(error instanceof CheckoutError)) throw error;
      const { status, message } = error;
      // None where no function has answered.
      tell(response, status === 0 ? 502 : status, { message });
    }
  };
}

/** Undefined where it is too long or no JSON. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > MOST) return undefined;
  }
  return jsonOf(text);
}
