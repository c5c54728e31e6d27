import { createServer, request as ask } from "node:http";
import { listening } from "../../stack/process/listening.ts";

/** Another origin for what a server of this machine answers: method, path, headers and bodies pass unchanged. */
export async function startReverseProxy(target: string) {
  const { hostname, port } = new URL(target);
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const forwarded = ask({ hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on("error", () => response.destroy());
    request.pipe(forwarded);
  });
  return listening(server);
}
