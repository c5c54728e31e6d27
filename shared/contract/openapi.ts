import * as z from "zod/mini";

/** A document of OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0): this API, as docs/openapi.json has it. */
export const openapiResponse = z.looseObject({
  openapi: z.literal("3.1.0"),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.unknown()),
});
