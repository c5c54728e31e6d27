import type { IncomingMessage, ServerResponse } from "node:http";
import { NOBODY } from "../core/actor.ts";
import { StripeRefusal } from "../core/errors.ts";
import type { Context } from "../operations/context.ts";
import { cancelInPortal, renewInPortal, replaceCard } from "../operations/portal.ts";
import type { PortalConfiguration, PortalSession, Subscription } from "../store/types.ts";
import type { World } from "../world.ts";
import { readBody } from "./body.ts";

/** Where a session's page is, on the API's own origin. */
export const PORTAL_PATH = "/p/session/";

interface Visit {
  context: Context;
  session: PortalSession;
  features: PortalConfiguration["features"];
}

function visitOf(world: World, path: string): Visit | undefined {
  for (const account of world.accounts()) {
    const session = account.portalSessions.all().find(({ url }) => url === `${world.url}${path}`);
    const configuration = account.portalConfigurations.find(session?.configuration ?? "");
    if (session === undefined || configuration === undefined) continue;
    return {
      context: { world, account, actor: NOBODY },
      session,
      features: configuration.features,
    };
  }
  return undefined;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

const button = (label: string, fields: Record<string, string>): string =>
  `<form method="post">${
    Object.entries(fields)
      .map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`)
      .join("")
  }<button>${label}</button></form>`;

const liveOf = ({ context: { account }, session }: Visit): Subscription[] =>
  account.subscriptions.all().filter(({ customer, ended_at }) =>
    customer === session.customer && ended_at === null
  );

function pageOf(visit: Visit): string {
  const { context: { account }, session, features } = visit;
  const subscriptions = features.subscription_cancel.enabled
    ? liveOf(visit).map(({ id, cancel_at }) =>
      cancel_at === null
        ? button("Cancel subscription", { action: "cancel", subscription: id })
        : button("Renew subscription", { action: "renew", subscription: id })
    )
    : [];
  const card = features.payment_method_update.enabled
    ? [button("Replace card", { action: "replace_card", payment_method: "pm_card_mastercard" })]
    : [];
  const invoices = features.invoice_history.enabled
    ? account.invoices.all().filter(({ customer }) => customer === session.customer)
      .map(({ number, status, total, currency }) =>
        `<p>${number ?? ""} ${status ?? ""} ${total} ${currency}</p>`
      )
    : [];
  const back = session.return_url === null
    ? []
    : [`<a href="${escaped(session.return_url)}">Return</a>`];
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Customer portal test page</title>
${[...subscriptions, ...card, ...invoices, ...back].join("\n")}</html>`;
}

/** Carries out what a form of the page asks for; false where the configuration does not have it or nothing such is there. */
function act(visit: Visit, form: URLSearchParams): boolean {
  const { context, session, features } = visit;
  const action = form.get("action");
  if (action === "replace_card" && features.payment_method_update.enabled) {
    replaceCard(context, session.customer, form.get("payment_method") ?? "");
    return true;
  }
  const subscription = liveOf(visit).find(({ id }) => id === form.get("subscription"));
  if (subscription === undefined || !features.subscription_cancel.enabled) return false;
  if (action === "cancel") cancelInPortal(context, subscription);
  else if (action === "renew") renewInPortal(context, subscription);
  else return false;
  return true;
}

function attempt(visit: Visit, form: URLSearchParams): boolean {
  try {
    return act(visit, form);
  } catch (error) {
    if (error instanceof StripeRefusal) return false;
    throw error;
  }
}

/** `/p/session/<secret>`: the customer's page, and what its forms do. */
export async function servePortalPage(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://stripe.invalid");
  const visit = visitOf(world, url.pathname);
  if (visit === undefined) {
    response.writeHead(404).end();
    return;
  }
  const isDone = request.method !== "POST" ||
    attempt(visit, new URLSearchParams(await readBody(request)));
  response.writeHead(isDone ? 200 : 400, { "content-type": "text/html; charset=utf-8" });
  response.end(pageOf(visit));
}
