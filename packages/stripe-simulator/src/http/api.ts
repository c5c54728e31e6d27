import type { IncomingMessage, ServerResponse } from "node:http";
import { StripeRefusal } from "../core/errors.ts";
import { decodeForm, formToJson } from "../core/form.ts";
import type { FormMap } from "../core/form.ts";
import { newId } from "../core/ids.ts";
import { expandAll } from "../store/expand.ts";
import { API_VERSION } from "../world.ts";
import type { World } from "../world.ts";
import { authorize, secretKeyRequired } from "./auth.ts";
import { readBody } from "./body.ts";
import type { Answer } from "./idempotency.ts";
import { befallBefore, strikes } from "./passage.ts";
import type { Passage } from "./passage.ts";
import { broken, refusal } from "./refusal.ts";
import { send } from "./respond.ts";
import { findRoute } from "./router.ts";
import type { Route } from "./router.ts";

interface Outcome extends Answer {
  replayed: boolean;
  /** Begins the delivery of the events that the request made. */
  deliver: () => Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();

/** Carries out one API request and answers it. */
export async function serveApi(
  world: World,
  routes: readonly Route[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://stripe.invalid");
  const method = request.method ?? "GET";
  const passage: Passage = {
    requestId: newId("req"),
    method,
    path: url.pathname,
    form: new Map(),
    authorization: "none",
    // Stripe heeds keys of POST only.
    idempotencyKey: method === "POST" ? header(request, "idempotency-key") : undefined,
    stripeAccount: header(request, "stripe-account"),
    faults: [],
  };
  let outcome: Outcome;
  try {
    decodeForm(url.search.slice(1), passage.form);
    decodeForm(await readBody(request), passage.form);
    passage.authorization = authorize(request, passage.form, world.options, passage);
    takeBrowserParams(passage);
    passage.faults = world.faults.forRequest(method, url.pathname);
    outcome = await perform(world, routes, passage, header(request, "stripe-version"));
  } catch (error) {
    outcome = { ...refusal(error), replayed: false, deliver: nothing };
  }
  await answer(world, passage, outcome, response);
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Stripe.js puts the key and the account among the parameters. */
function takeBrowserParams(passage: Passage): void {
  const account = passage.form.get("_stripe_account");
  if (typeof account === "string") passage.stripeAccount ??= account;
  passage.form.delete("key");
  passage.form.delete("_stripe_account");
}

async function perform(
  world: World,
  routes: readonly Route[],
  passage: Passage,
  version: string | undefined,
): Promise<Outcome> {
  const { route, ids } = findRoute(routes, passage.method, passage.path);
  const publishable = passage.authorization === "publishable";
  if (publishable && !route.publishable) throw secretKeyRequired();
  if (version !== undefined && version !== API_VERSION) {
    throw new StripeRefusal(400, {
      type: "invalid_request_error",
      message: `Invalid Stripe API version: ${version}. This simulator serves ${API_VERSION} only.`,
    }, false);
  }
  const account = world.accountFor(passage.stripeAccount);
  const key = passage.idempotencyKey;
  const params = JSON.stringify(formToJson(passage.form));
  if (key !== undefined) {
    const known = world.keys.begin(account.id, key, { ...passage, params });
    if (known?.answer !== undefined) {
      passage.requestId = known.requestId;
      return { ...known.answer, replayed: true, deliver: nothing };
    }
  }
  try {
    await befallBefore(passage, world.faults);
    const expand = takeExpand(passage.form);
    const run = route.prepare(passage.form);
    const carryOut = (): Answer => {
      const object = run({
        world,
        account,
        ids,
        actor: { id: passage.requestId, idempotency_key: key ?? null },
        publishable,
      });
      return { status: 200, body: expandAll(account, object, expand) };
    };
    const { result, start } = world.clock.asOf(
      world.clock.now(),
      () => world.deliveries.collect(() => attempt(carryOut, publishable)),
    );
    if (result.began && key !== undefined) {
      const saved = strikes(passage, "error_after") === undefined ? result.answer : broken();
      world.keys.save(account.id, key, saved);
    } else if (key !== undefined) world.keys.release(account.id, key);
    return { ...result.answer, replayed: false, deliver: start };
  } catch (error) {
    if (key !== undefined) world.keys.release(account.id, key);
    throw error;
  }
}

/** Carries the call out; a refusal is an answer as well, and its events are told like any others. */
function attempt(run: () => Answer, publishable: boolean): { answer: Answer; began: boolean } {
  try {
    return { answer: run(), began: true };
  } catch (error) {
    const began = !(error instanceof StripeRefusal) || error.began;
    return { answer: refusal(error, publishable), began };
  }
}

function takeExpand(form: FormMap): string[] {
  const expand = form.get("expand");
  form.delete("expand");
  if (!(expand instanceof Map)) return [];
  return [...expand.values()].filter((path) => typeof path === "string");
}

async function answer(
  world: World,
  passage: Passage,
  outcome: Outcome,
  response: ServerResponse,
): Promise<void> {
  const latency = strikes(passage, "latency");
  if (latency?.phase === "after") await world.faults.wait(latency);
  if (strikes(passage, "webhook_early") !== undefined) await outcome.deliver();
  const cut = strikes(passage, "cut_before") ?? strikes(passage, "cut_after");
  const said = strikes(passage, "error_after") === undefined || outcome.replayed
    ? outcome
    : { ...outcome, ...broken() };
  world.exchanges.add({
    kind: "api",
    requestId: passage.requestId,
    at: world.clock.now(),
    method: passage.method,
    path: passage.path,
    params: formToJson(passage.form),
    authorization: passage.authorization,
    idempotencyKey: passage.idempotencyKey ?? null,
    stripeAccount: passage.stripeAccount ?? null,
    status: cut === undefined ? said.status : 0,
    // A copy of its own already (expandAll), which nobody changes.
    response: said.body,
    replayed: said.replayed,
    faults: passage.faults.map((fault) => fault.kind),
  });
  if (cut === undefined) await send(response, { ...passage, ...said });
  else response.destroy();
  await outcome.deliver();
}
