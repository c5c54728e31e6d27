import type { IncomingMessage, ServerResponse } from "node:http";
import { authenticate } from "../operations/authentications.ts";
import type { Authenticated } from "../operations/authentications.ts";
import type { World } from "../world.ts";

const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>3D Secure test page</title><link rel="icon" href="data:,">
<style>body{font:16px system-ui;max-width:26rem;margin:15vh auto;padding:0 1rem}
form{display:inline}button{font:inherit;padding:.6rem 1.2rem;margin-right:.5rem}</style>
<h1>3D Secure test page</h1><p>Your bank asks whether this is you.</p>
<form method="post" action="?outcome=succeed"><button>Complete</button></form>
<form method="post" action="?outcome=fail"><button>Fail</button></form></html>`;

const DONE =
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Done</title><link rel="icon" href="data:,">
<p>Thank you. You can close this page.</p></html>`;

function html(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" });
  response.end(body);
}

/** Where the browser goes on, with the parameters that Stripe adds to the return URL. */
function returnTo(done: Authenticated, returnUrl: string): string {
  const url = new URL(returnUrl);
  const kind = done.id.startsWith("seti_") ? "setup_intent" : "payment_intent";
  url.searchParams.set(kind, done.id);
  url.searchParams.set(`${kind}_client_secret`, done.clientSecret);
  const good = done.status === "succeeded" || done.status === "processing";
  url.searchParams.set("redirect_status", good ? done.status : "failed");
  return url.toString();
}

/** `/3ds/<account>/<intent>`: the bank's page of a test 3D Secure card. */
export function serveThreeDSecure(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? "/", "http://stripe.invalid");
  const [, , accountId = "", intentId = ""] = url.pathname.split("/");
  const account = world.accounts().find((one) => one.id === accountId);
  if (account?.authentications.has(intentId) !== true) {
    html(response, 404, DONE);
    return;
  }
  if (request.method !== "POST") {
    html(response, 200, PAGE);
    return;
  }
  const passed = url.searchParams.get("outcome") !== "fail";
  const done = authenticate(world, account, intentId, passed);
  if (done === undefined || done.returnUrl === null) {
    html(response, 200, DONE);
    return;
  }
  response.writeHead(303, { location: returnTo(done, done.returnUrl) });
  response.end();
}
