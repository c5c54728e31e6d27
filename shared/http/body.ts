import type * as z from "zod";
import { LimitedBytesTransformStream } from "deno-std/streams/limited_bytes_transform_stream.js";
import { toBytes } from "deno-std/streams/to_bytes.js";
import { CheckoutError } from "../errors.ts";

/** The largest JSON body that a caller may send, in bytes. */
export const JSON_LIMIT = 64 * 1024;

/** The body's bytes as they came; throws `body_too_large` before it has read more than `limit` of them. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get("content-length") ?? 0) > limit) {
    throw new CheckoutError("body_too_large");
  }
  if (request.body === null) return new Uint8Array();
  try {
    return await toBytes(
      request.body.pipeThrough(new LimitedBytesTransformStream(limit, { error: true })),
    );
  } catch (error) {
    if (error instanceof RangeError) throw new CheckoutError("body_too_large", { cause: error });
    throw error;
  }
}

/** The body, checked: throws `content_type_unsupported`, `body_too_large`, `invalid_json` or `invalid_request`. */
export async function readJson<Schema extends z.ZodType>(
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

/** Throws `invalid_request` with the place and the rule of each issue, never the value. */
export function validate<Schema extends z.ZodType>(
  value: unknown,
  schema: Schema,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, 20).map(({ path, message }) => ({
    path: path.slice(0, 2).join(".").slice(0, 100),
    message,
  }));
  throw new CheckoutError("invalid_request", { details: { issues } });
}
