import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Feed } from "../../../examples/payment-sheet/src/panel/feed.ts";
import { openReading } from "../../../scripts/console/connection.ts";
import { isRowId } from "../../../scripts/operator.ts";
import type { Logs } from "../../logs.ts";
import type { Behind } from "../behind.ts";
import { tell } from "../tell.ts";
import { sessionFeeds } from "./session.ts";

/** Milliseconds between two looks, at least: what happens at once is told at once. */
const AT_LEAST = 150;
/** Milliseconds after which it is looked again although no function has said anything: Stripe and Postgres have no such sign. */
const AT_MOST = 1_000;
/** Milliseconds after which a look is given up, for the next one. */
const PATIENCE = 20_000;

/**
 * `GET /developer/sessions/<id>`: what happened to a session so far, as one JSON document, or, where an event stream is asked for,
 * again with each thing that happens (https://html.spec.whatwg.org/multipage/server-sent-events.html). Each message is the whole, so
 * that a page which was away needs no more than the next one.
 *
 * @param stop ends it, with the connection to the database
 */
export function openFeed(behind: Behind, stop: AbortSignal) {
  const { rows, close } = openReading({ env: {} }, behind.info.databaseUrl);
  const read = sessionFeeds(behind, rows);
  stop.addEventListener("abort", () => void close());
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<void> => {
    const [, , kind, id = "", ...rest] = path.split("/");
    if (kind !== "sessions" || !isRowId(id) || rest.length > 0) {
      return tell(response, 404, { message: "not found" });
    }
    if (request.method !== "GET") {
      response.writeHead(405, { allow: "GET" }).end();
      return;
    }
    if (!(request.headers.accept ?? "").includes("text/event-stream")) {
      return tell(response, 200, await read(id));
    }
    await stream(response, () => read(id), behind.logs);
  };
}

async function stream(
  response: ServerResponse,
  read: () => Promise<Feed>,
  logs: Logs,
): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.flushHeaders();
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  let wake: (() => void) | undefined;
  const forget = logs.watch(() => wake?.());
  const pause = (milliseconds: number) =>
    sleep(milliseconds, undefined, { signal: gone.signal, ref: false }).catch(() => undefined);
  let last = "";
  while (!gone.signal.aborted) {
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    // What cannot be read now (Postgres restarts, Stripe fails on purpose) is read the next time.
    const patience = new AbortController();
    const told = await Promise.race([
      read().then((feed) => JSON.stringify(feed), () => last),
      sleep(PATIENCE, last, { signal: patience.signal, ref: false }).catch(() => last),
    ]);
    patience.abort();
    if (gone.signal.aborted) break;
    if (told !== last && !response.write(`data: ${told}\n\n`)) {
      await once(response, "drain", gone).catch(() => undefined);
    }
    last = told;
    await pause(AT_LEAST);
    await Promise.race([woken, pause(AT_MOST)]);
  }
  forget();
}
