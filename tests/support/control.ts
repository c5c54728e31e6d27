import { createServer } from "node:http";
import { type Listening, listening } from "../../stack/process/listening.ts";
import type { Stack } from "../../stack/types.ts";

/**
 * Lets tests in other processes break the stack and mend it, over HTTP on 127.0.0.1:
 * `POST /functions/<slug>/kill|restart`, `POST /postgres|postgrest/halt|resume`, `POST /realtime/drop`.
 * Answers 204 when it is done.
 */
export async function startControl(stack: Stack): Promise<Listening> {
  const server = createServer((request, response) => {
    const action = request.method === "POST" ? find(stack, request.url ?? "") : undefined;
    if (action === undefined) return void response.writeHead(404).end();
    action().then(
      () => response.writeHead(204).end(),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : ""),
    );
  });
  return listening(server);
}

function find(stack: Stack, path: string): (() => Promise<void>) | undefined {
  const [, part = "", second = "", third = ""] = path.split("/");
  if (part === "functions" && stack.functions.find(second) !== undefined) {
    if (third === "kill") return () => stack.functions.kill(second);
    if (third === "restart") return () => stack.functions.restart(second);
  }
  if (part === "postgres" || part === "postgrest") {
    if (second === "halt") return () => stack[part].halt();
    if (second === "resume") return () => stack[part].resume();
  }
  if (part === "realtime" && second === "drop") {
    return () => Promise.resolve(stack.realtime.dropConnections());
  }
  return undefined;
}
