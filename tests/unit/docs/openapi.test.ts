import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { openapiDocument, openapiText } from "../../../scripts/docs/openapi/document.ts";
import { readRecorded, RECORDED } from "../../../scripts/docs/openapi/recorded.ts";
import { readProjectFile } from "../../../scripts/source/project-files.ts";
import { errorTable } from "../../../shared/contract/error-table.ts";
import { operations } from "../../../shared/contract/operations.ts";
import { faultsOf } from "../../support/openapi/check.ts";
import { answerFaults, described, requestFaults } from "../../support/openapi/description.ts";
import { tableBelow } from "../../support/source/markdown.ts";

const recorded = readRecorded();
const operation = (id: string) => {
  const found = described.find((one) => one.id === id);
  if (found === undefined) throw new Error(`docs/openapi.json has no operation ${id}`);
  return found;
};

const plain = (cell = "") => cell.replaceAll("`", "");

describe("docs/openapi.json", () => {
  it("is what `npm run docs:openapi` makes of the contract and of what was recorded", () => {
    expect(readProjectFile("docs/openapi.json")).toBe(openapiText(recorded));
  });

  it("is a document of OpenAPI 3.1", async () => {
    const validator = new Validator();
    expect(await validator.validate(openapiDocument(recorded))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  it("would be found wrong with a property that OpenAPI does not have", async () => {
    const spoiled = { ...openapiDocument(recorded), surprise: true };
    expect(await new Validator().validate(spoiled)).toMatchObject({ valid: false });
  });

  it("has the calls of the endpoint table, which has those that the functions route", () => {
    const told = tableBelow(readProjectFile("docs/api.md"), "## Endpoints")
      .map(([slug, call]) => `${plain(slug)}: ${plain(call)}`);
    const here = operations.map(({ slug, method, path }) => `${slug}: ${method} ${path}`);
    expect(here.toSorted()).toEqual(told.toSorted());
    expect(described.map(({ method, path }) => `${method} ${path}`).toSorted())
      .toEqual(operations.map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  it("says of every error where it is answered, but of those for calls that there are not", () => {
    const answered = new Set<string>(operations.flatMap(({ errors }) => errors));
    expect(Object.keys(errorTable).filter((code) => !answered.has(code)))
      .toEqual(["route_not_found", "method_not_allowed"]);
  });
});

describe("the examples", () => {
  // The document in itself would be its own example.
  it.each(described.map(({ id }) => id).filter((id) => id !== "readOpenapi"))(
    "show a success of %s",
    (id) => {
      const shown = recorded.filter((one) => one.operation === id && one.status < 300);
      expect(shown).not.toEqual([]);
    },
  );

  it.each(recorded.map((one) => [one.operation, one.name, one] as const))(
    "of %s: %s fits what is said of its answer, and of its request unless that is refused as invalid",
    (id, _name, { request, status, answer }) => {
      expect(answerFaults(operation(id), status, answer)).toEqual([]);
      if (request === undefined) return;
      const isInvalid = requestFaults(operation(id), request).length > 0;
      expect(isInvalid).toBe(status === 400);
    },
  );

  it("hold no secret, id or address of the run that they were recorded of", () => {
    const text = readProjectFile(RECORDED);
    const secrets = /\b(?:sk|rk|whsec|sb_secret|eyJ)_?[\w-]{8,}|127\.0\.0\.1|localhost/g;
    expect(text.match(secrets)).toBeNull();
    const kept = text.match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g) ?? [];
    expect(kept).not.toEqual([]);
    expect(kept.filter((id) => !id.startsWith("00000000-0000-4000-8000-0"))).toEqual([]);
    expect(text.match(/_secret_(?!example")\w+/g)).toBeNull();
  });
});

describe("an answer of a test", () => {
  const requestId = "req_00000000-0000-4000-8000-000000000001";
  const status = "/checkout-status/00000000-0000-4000-8000-000000000001";
  const shown = recorded.find(({ name, operation: id }) =>
    name === "succeeded" && id === "readCheckout"
  )?.answer;
  const told = (code: string) => ({ error: { code, message: "No.", requestId } });
  const answer = (over: object) => ({
    method: "GET",
    pathname: status,
    status: 200,
    requestId,
    text: JSON.stringify(shown),
    ...over,
  });
  const refusal = (over: object, code: string) =>
    answer({ text: JSON.stringify(told(code)), ...over });

  it.each([
    ["as described", answer({})],
    ["of an error that the operation has", refusal({ status: 404 }, "session_not_found")],
    ["of a path that is none", refusal({ pathname: "/nothing", status: 404 }, "route_not_found")],
    ["of another method", refusal({ method: "DELETE", status: 405 }, "method_not_allowed")],
    ["to a preflight", answer({ method: "OPTIONS", status: 204, text: "" })],
    [
      "of the platform in a function's place",
      answer({ requestId: null, status: 503, text: '{"code":"BOOT_ERROR","message":"…"}' }),
    ],
  ])("%s passes", (_what, given) => {
    expect(faultsOf(given)).toEqual([]);
  });

  it.each([
    ["with a property more", answer({ text: JSON.stringify({ ...Object(shown), more: 1 }) })],
    ["with one of another type", answer({ text: JSON.stringify({ ...Object(shown), id: 1 }) })],
    ["without one", answer({ text: "{}" })],
    ["with a status that is not described", answer({ status: 202 })],
    ["with an error that is another operation's", refusal({ status: 402 }, "card_declined")],
    ["with a code of another status", refusal({ status: 404 }, "rate_limited")],
    ["of a call that is not described", answer({ method: "PUT" })],
    ["of a path that is not described", answer({ pathname: "/new-function" })],
    ["that is no JSON", answer({ text: "<html>" })],
    ["without a request id", answer({ requestId: null })],
  ])("%s fails", (_what, given) => {
    expect(faultsOf(given)).not.toEqual([]);
  });
});
