import type { IncomingMessage, ServerResponse } from "node:http";
import { extname } from "node:path";
import type { Page } from "./build.ts";

/** https://www.iana.org/assignments/media-types */
const TYPES = new Map([
  [".css", "text/css; charset=utf-8"],
  [".html", "text/html; charset=utf-8"],
  [".ico", "image/x-icon"],
  [".js", "text/javascript; charset=utf-8"],
  [".json", "application/json"],
  [".map", "application/json"],
  [".png", "image/png"],
  [".svg", "image/svg+xml"],
  [".txt", "text/plain; charset=utf-8"],
  [".webp", "image/webp"],
  [".woff2", "font/woff2"],
]);

/** Answers with a file of the page, or with the page itself for an address that the page has made up. */
export function servePage(
  page: Page,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const isNavigation = (request.headers.accept ?? "").includes("text/html");
  const asked = path.slice(1);
  const name = page.has(asked) ? asked : path === "/" || isNavigation ? "index.html" : undefined;
  const file = name === undefined ? undefined : page.get(name);
  if (name === undefined || file === undefined) {
    response.writeHead(404, { "content-type": "text/plain" }).end("not found");
    return;
  }
  response.writeHead(200, {
    "content-type": TYPES.get(extname(name)) ?? "application/octet-stream",
    "content-length": file.length,
    // The next start may serve another build at this address.
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : file);
}
