import type { IncomingMessage, ServerResponse } from "node:http";
import { isObject } from "../core/json.ts";
import { readBody } from "../http/body.ts";
import type { World } from "../world.ts";
import { COMMANDS } from "./commands.ts";
import { type Command, NotFound } from "./read.ts";

function findCommand(method: string, path: string): { run: Command; id: string } | undefined {
  const given = path.split("/");
  for (const [wanted, pattern, run] of COMMANDS) {
    const parts = pattern.split("/");
    if (wanted !== method || parts.length !== given.length) continue;
    if (parts.every((part, index) => part.startsWith(":") || part === given[index])) {
      return { run, id: given[parts.findIndex((part) => part.startsWith(":"))] ?? "" };
    }
  }
  return undefined;
}

async function outcomeOf(world: World, request: IncomingMessage): Promise<[number, unknown]> {
  const url = new URL(request.url ?? "/", "http://admin.invalid");
  const command = findCommand(request.method ?? "GET", url.pathname);
  if (command === undefined) return [404, { error: "no such admin call" }];
  try {
    const text = await readBody(request);
    const body: unknown = text === "" ? {} : JSON.parse(text);
    if (!isObject(body)) throw new TypeError("the body must be a JSON object");
    return [200, await command.run(world, body, url.searchParams, command.id)];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof NotFound) return [404, { error: message }];
    if (error instanceof TypeError || error instanceof SyntaxError) {
      return [400, { error: message }];
    }
    console.error(error);
    return [500, { error: message }];
  }
}

/** Serves the admin calls: JSON in, JSON out, no key. */
export async function serveAdmin(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [status, body] = await outcomeOf(world, request);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
