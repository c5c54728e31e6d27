/** What a page asks for; `fetch` of Node sends the same and asks nobody for leave. */
export interface PageRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** https://fetch.spec.whatwg.org/#cors-safelisted-method */
const SAFE_METHODS = ["GET", "HEAD", "POST"];
const SAFE_TYPES =
  /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i;
/** https://fetch.spec.whatwg.org/#cors-safelisted-request-header */
const isSafe = ([name, value]: readonly [string, string]) =>
  ["accept", "accept-language", "content-language"].includes(name) ||
  (name === "content-type" && SAFE_TYPES.test(value));
/** https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name */
const READABLE = [
  "cache-control",
  "content-language",
  "content-length",
  "content-type",
  "expires",
  "last-modified",
  "pragma",
];

const listed = (response: Response, name: string) =>
  (response.headers.get(name) ?? "").split(",").map((word) => word.trim()).filter(Boolean);

/**
 * `fetch` as a browser has it for a page of `origin`, without cookies: a preflight where the standard asks for one, and an
 * answer that only a page with leave may read, with the headers that it may read.
 * https://fetch.spec.whatwg.org/#cors-preflight-fetch, https://fetch.spec.whatwg.org/#concept-cors-check
 */
export async function pageFetch(
  origin: string,
  url: string,
  { method, headers = {}, ...rest }: PageRequest,
): Promise<Response> {
  const sent = new Headers(headers);
  const unsafe = [...sent].filter((header) => !isSafe(header)).map(([name]) => name).toSorted();
  if (unsafe.length > 0 || !SAFE_METHODS.includes(method)) {
    const asked = await fetch(url, {
      method: "OPTIONS",
      headers: {
        accept: "*/*",
        origin,
        "access-control-request-method": method,
        ...(unsafe.length === 0 ? {} : { "access-control-request-headers": unsafe.join(",") }),
      },
    });
    check(origin, asked);
    if (!asked.ok) throw new TypeError(`CORS: the preflight was answered ${asked.status}`);
    const methods = listed(asked, "access-control-allow-methods");
    if (![...methods, ...SAFE_METHODS].includes(method) && !methods.includes("*")) {
      throw new TypeError(`CORS: the method ${method} is not allowed`);
    }
    const names = new Set(
      listed(asked, "access-control-allow-headers").map((name) => name.toLowerCase()),
    );
    for (const name of unsafe) {
      // A star does not stand for Authorization.
      const allowed = names.has(name) || (names.has("*") && name !== "authorization");
      if (!allowed) throw new TypeError(`CORS: the header ${name} is not allowed`);
    }
  }
  sent.set("origin", origin);
  const response = await fetch(url, { method, headers: sent, ...rest });
  check(origin, response);
  const exposed = listed(response, "access-control-expose-headers");
  const readable = new Set([...READABLE, ...exposed.map((name) => name.toLowerCase())]);
  return new Response([204, 304].includes(response.status) ? null : await response.arrayBuffer(), {
    status: response.status,
    headers: [...response.headers].filter(([name]) => readable.has(name)),
  });
}

function check(origin: string, response: Response): void {
  const allowed = response.headers.get("access-control-allow-origin");
  if (allowed !== "*" && allowed !== origin) {
    throw new TypeError(`CORS: ${origin} is not allowed`);
  }
}
