/**
 * `GET /checkout/openapi.json`: what this API is, for whoever asks. The document is loaded with the first such request and not with
 * the function, whose start others wait for.
 */
export async function openapiEndpoint(): Promise<Response> {
  const { default: document } = await import("../../../docs/openapi.json", {
    with: { type: "json" },
  });
  return Response.json(document);
}
