import type * as z from "zod/mini";
import { concat } from "deno-std/bytes/concat.js";
import { safeParse } from "../contract/parse.ts";
import { CheckoutError } from "../runtime/errors.ts";

/** The largest JSON body that a caller may send, in bytes. */
export const JSON_LIMIT = 64 * 1024;

/** The body's bytes as they came; throws `body_too_large` before it has read more than `limit` of them. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get("content-length") ?? 0) > limit) {
    throw new CheckoutError("body_too_large");
  }
  if (request.body === null) return new Uint8Array();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request.body) {
    size += piece.byteLength;
    // What leaves the loop cancels the stream.
    if (size > limit) throw new CheckoutError("body_too_large");
    pieces.push(piece);
  }
  return concat(pieces);
}

/** The body, checked: throws `content_type_unsupported`, `body_too_large`, `invalid_json` or `invalid_request`. */
export async function readJson<Schema extends z.core.$ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const contentType = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(contentType)) {
    throw new CheckoutError("content_type_unsupported");
  }
  const bytes = await readBytes(request, JSON_LIMIT);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    // The parser's own words quote the body, which may hold a secret.
    throw new CheckoutError("invalid_json");
  }
  return validate(value, schema);
}

/** The query, checked: throws `invalid_request`. Of a name that stands twice the last value counts. */
export const readQuery = <Schema extends z.core.$ZodType>(
  request: Request,
  schema: Schema,
): z.output<Schema> => validate(Object.fromEntries(new URL(request.url).searchParams), schema);

/** How many steps of a path are told; the contract's own are at most three deep. */
const DEEPEST = 5;

interface Place {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Throws `invalid_request` with the place and the rule of each issue, never the value. */
export function validate<Schema extends z.core.$ZodType>(
  value: unknown,
  schema: Schema,
): z.output<Schema> {
  const result = safeParse(schema, value);
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap((issue) => placesOf(issue)).slice(0, 20)
    .map(({ path, message }) => ({
      path: path.slice(0, DEEPEST).join(".").slice(0, 100),
      message,
    }));
  throw new CheckoutError("invalid_request", { details: { issues } });
}

/**
 * Where a value breaks which rule. A union says only that none of its branches fits: the branch that was followed deepest is
 * the one that the caller meant. A record's key says only that it is none.
 */
function placesOf(issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): Place[] {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union") {
    const branches = issue.errors
      .map((branch) => branch.flatMap((one) => placesOf(one, path)))
      .filter((places) => places.length > 0);
    const meant = branches.toSorted((one, other) => depthOf(other) - depthOf(one)).at(0);
    if (meant !== undefined) return meant;
  }
  if (issue.code === "invalid_key") {
    return issue.issues.map(({ message }) => ({ path, message }));
  }
  return [{ path, message: issue.message }];
}

const depthOf = (places: readonly Place[]) => Math.max(...places.map(({ path }) => path.length));
