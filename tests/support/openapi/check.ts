import * as z from "zod";
import { jsonOf } from "../../../scripts/json.ts";
import { matchPath } from "../../../shared/http/routes.ts";
import { answerFaults, described, errorFaults } from "./description.ts";

/** An answer of a function's, or of the platform in its place. */
export interface Answer {
  readonly method: string;
  /** Below `/functions/v1`. */
  readonly pathname: string;
  readonly status: number;
  readonly requestId: string | null;
  readonly text: string;
}

/** The platform's own words for a function that is not there, does not start or dies. */
const platforms = z.object({ code: z.enum(["NOT_FOUND", "BOOT_ERROR", "WORKER_ERROR"]) });
const coded = z.object({ error: z.object({ code: z.string() }) });

/** What docs/openapi.json does not say of an answer, one line each. */
export function faultsOf(answer: Answer): string[] {
  const { method, pathname, status, text } = answer;
  return faults(answer).map((fault) =>
    `${method} ${pathname} answers ${status}, of which docs/openapi.json knows nothing: ${fault}: ${
      text.slice(0, 300)
    }`
  );
}

function faults({ method, pathname, status, requestId, text }: Answer): string[] {
  if (method === "OPTIONS" && status === 204) return text === "" ? [] : ["a preflight with a body"];
  if (method === "HEAD") return [];
  const body = jsonOf(text);
  if (body === undefined) return ["it is no JSON"];
  if (requestId === null) {
    return platforms.safeParse(body).success ? [] : ["it has no x-request-id"];
  }
  const there = described.filter(({ path }) => matchPath(path, pathname) !== undefined);
  const operation = there.find((one) => one.method === method);
  if (operation !== undefined) return answerFaults(operation, status, body);
  // A path or a method that nobody described is refused as such, in the one form of errors.
  const refusal = there.length === 0 ? "404 route_not_found" : "405 method_not_allowed";
  const code = coded.safeParse(body).data?.error.code;
  return [
    ...errorFaults(body),
    ...(`${status} ${code ?? ""}` === refusal ? [] : [`such a call is refused with ${refusal}`]),
  ];
}
