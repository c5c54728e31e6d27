/**
 * The page of examples/payment-sheet, as a merchant serves it: on an origin of its own, with what it has to know of the project and
 * a server that asks for session tokens. Beside them, on this stack only, what happens with a session for its developer.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listening } from "../process/listening.ts";
import type { RunFolder } from "../process/run-folder.ts";
import type { Behind } from "./behind.ts";
import type { Page } from "./build.ts";
import { isOwnName, isOwnPage } from "./own-page.ts";
import { servePage } from "./pages.ts";
import { sessionTokens } from "./session-token.ts";
import { tell } from "./tell.ts";

export interface ExampleOptions {
  readonly folder: Pick<RunFolder, "path" | "adopt">;
  /** A free port by default. */
  readonly port: number | undefined;
}

export interface Example {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** From then on everything is answered; what was asked before has waited. */
  serve(behind: Behind): void;
  close(): Promise<void>;
}

type Answering = (request: IncomingMessage, response: ServerResponse, path: string) => unknown;

/**
 * Listens at once, on 127.0.0.1. The page is built when it is first asked for: a stack whose page nobody opens pays for a socket,
 * not for a build.
 */
export async function startExample({ folder, port }: ExampleOptions): Promise<Example> {
  const stop = new AbortController();
  let begin: ((behind: Behind) => void) | undefined;
  const behind = new Promise<Behind>((resolve) => {
    begin = resolve;
  });
  const answers = behind.then((parts) => answersOf(parts, stop.signal));
  let page: Promise<Page> | undefined;
  const built = async (): Promise<Page> => {
    const { builtPage } = await import("./build.ts");
    return builtPage(folder, stop.signal);
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? "/", "http://example");
    const [, part = ""] = pathname.split("/");
    const isPage = !isGuarded(part);
    // The page itself is no secret, and whoever leads there may: a link, or the bank.
    if (!isOwnName(request) || !(isPage || isOwnPage(request))) {
      return tell(response, 403, { message: "this is for the example's own page" });
    }
    if (!isPage) {
      await (await answers)[part](request, response, pathname);
      return;
    }
    // One that failed is tried anew.
    page ??= built().catch((error: unknown) => {
      page = undefined;
      throw error;
    });
    servePage(await page, pathname, request, response);
  };
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else tell(response, 500, { message: error instanceof Error ? error.message : "failed" });
    });
  });
  const listener = await listening(server, port);
  let closing: Promise<void> | undefined;
  return {
    url: listener.url,
    serve: (parts) => begin?.(parts),
    close: () => {
      stop.abort();
      return closing ??= listener.close();
    },
  };
}

/** First parts of a path; all else is of the page. */
const GUARDED = ["config.json", "api", "developer"] as const;
type Guarded = typeof GUARDED[number];
const isGuarded = (part: string): part is Guarded => GUARDED.some((one) => one === part);

/** What is answered once the stack is up, and to the page alone. */
function answersOf(behind: Behind, stop: AbortSignal): Readonly<Record<Guarded, Answering>> {
  const { info, stripe } = behind;
  const mint = sessionTokens(info);
  let feed: Promise<Answering> | undefined;
  return {
    "config.json": (_request, response) => {
      tell(response, 200, {
        functionsUrl: info.functionsUrl,
        supabaseUrl: info.apiUrl,
        supabasePublishableKey: info.publishableKey,
        sessionTokenUrl: "/api/session-token",
        developerUrl: "/developer",
        // Stripe.js speaks to Stripe alone.
        testCards: stripe.url !== undefined,
      });
    },
    api: (request, response, path) =>
      path === "/api/session-token"
        ? mint(request, response)
        : tell(response, 404, { message: "not found" }),
    developer: async (request, response, path) => {
      // With it comes all that reads rows, which no other request needs.
      feed ??= import("./feed/index.ts").then(({ openFeed }) => openFeed(behind, stop));
      await (await feed)(request, response, path);
    },
  };
}
