import { describe, expect, it } from "vitest";
import { EnvironmentError } from "../../../../../shared/runtime/environment.ts";
import { telemetryEnvironment } from "../../../../../shared/runtime/telemetry-environment.ts";

const ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
const HEADERS = "OTEL_EXPORTER_OTLP_HEADERS";
const read = (more: Readonly<Record<string, string>>) =>
  telemetryEnvironment({ [ENDPOINT]: "https://otlp.example.com", ...more });

describe("where traces go", () => {
  it.each([
    ["nothing", {}],
    ["an empty endpoint", { [ENDPOINT]: "" }],
    ["headers for no endpoint, however malformed", { [HEADERS]: "x" }],
  ])("is nowhere with %s", (_name, record) => {
    expect(telemetryEnvironment(record)).toBeUndefined();
  });

  it.each([
    ["https://otlp.example.com", "https://otlp.example.com/v1/traces"],
    ["https://otlp.example.com/", "https://otlp.example.com/v1/traces"],
    ["http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"],
    ["https://example.com/otlp/", "https://example.com/otlp/v1/traces"],
  ])("%s is a base to which the signal's path is added", (endpoint, url) => {
    expect(read({ [ENDPOINT]: endpoint })?.url).toBe(url);
  });

  it.each([
    ["one", "x-api-key=k", { "x-api-key": "k" }],
    ["several, with white space", " x-a = 1 , x-b=2 ", { "x-a": "1", "x-b": "2" }],
    ["a value that is encoded", "Authorization=Basic%20YTpi", { authorization: "Basic YTpi" }],
    ["a value with an equals sign", "x-a=YQ==", { "x-a": "YQ==" }],
    ["none", "", {}],
  ])("with the headers as the field writes them: %s", (_name, text, headers) => {
    expect(read({ [HEADERS]: text })?.headers).toEqual(headers);
  });

  it("under the name that is given, else the product's", () => {
    expect(read({})?.serviceName).toBe("billingos-checkout");
    expect(read({ OTEL_SERVICE_NAME: "shop" })?.serviceName).toBe("shop");
    expect(read({ OTEL_SERVICE_NAME: "" })?.serviceName).toBe("billingos-checkout");
  });

  it.each([
    [ENDPOINT, "no address", "hunter2"],
    [ENDPOINT, "an address of gRPC's", "grpc://hunter2:4317"],
    [ENDPOINT, "an address with a user", "https://user:hunter2@otlp.example.com"],
    [HEADERS, "a header without a value", "hunter2"],
    [HEADERS, "a name that is none", "hunter 2=x"],
    [HEADERS, "a value that breaks the line", "x-a=hunter2%0d%0ax-b: 1"],
    [HEADERS, "a value that is encoded wrongly", "x-a=%hunter2"],
    ["OTEL_SERVICE_NAME", "a name that is too long", "hunter2".repeat(50)],
  ])("%s with %s is refused by its name and without its value", (name, _what, value) => {
    const run = () => read({ [name]: value });
    expect(run).toThrow(EnvironmentError);
    expect(run).toThrow(new RegExp(`^${name}: (?!.*hunter2)`));
  });
});
