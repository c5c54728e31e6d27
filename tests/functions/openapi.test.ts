import { describe, expect, it } from "vitest";
import { readRecorded } from "../../scripts/docs/openapi/recorded.ts";
import { recordedRun } from "../../scripts/docs/openapi/run.ts";
import { readProjectFile } from "../../scripts/source/project-files.ts";
import { stack } from "../support/stack.ts";

const { functionsUrl, apiUrl } = stack();

/** What these two answer tells of all that the stack has done so far. */
const others = (one: { readonly operation: string }) =>
  !["readHealth", "reconcile"].includes(one.operation);

describe("the description of the API", () => {
  it("is answered to anybody, on any page that may call", async () => {
    const response = await fetch(`${functionsUrl}/checkout/openapi.json`, {
      headers: { origin: "https://app.example.com" },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(await response.json()).toEqual(JSON.parse(readProjectFile("docs/openapi.json")));
  });

  it("is a page on the stack", async () => {
    const response = await fetch(`${apiUrl}/reference`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await response.text()).toContain("POST /checkout-create");
  });

  it("shows what is answered today: `npm run docs:openapi` where it does not", async () => {
    const run = (await recordedRun(stack())).filter(others);
    expect(run.length).toBeGreaterThan(40);
    expect(run).toEqual(readRecorded().filter(others));
  });
});
