import { describe, expect, it } from "vitest";
import { openapiDocument } from "../../../scripts/docs/openapi/document.ts";
import { readRecorded } from "../../../scripts/docs/openapi/recorded.ts";
import { html, inline, prose } from "../../../scripts/docs/reference/html.ts";
import { referencePage } from "../../../scripts/docs/reference/page.ts";
import { operations } from "../../../shared/contract/operations.ts";

const page = referencePage(openapiDocument(readRecorded()));

describe("the reference page", () => {
  it.each(operations.map(({ id, path }) => [id, path]))("shows %s", (id, path) => {
    expect(page).toContain(`<h2 id="${id}">`);
    expect(page).toContain(path.replaceAll(/:(\w+)/g, "{$1}"));
  });

  it("leads to each place that it names, once", () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(targets.length).toBeGreaterThan(100);
    expect(targets.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it("runs no script and loads nothing from elsewhere", () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(| on\w+=/i);
    expect(page.match(/ (?:src|href)="(?!#)/g)).toBeNull();
  });

  it("shows the answers of the run", () => {
    expect(page).toContain("Your card has insufficient funds. Please try another card.");
  });
});

describe("text in a page", () => {
  it("stays text", () => {
    expect(html`<p title="${'"'}">${"<b>&'"}</p>`.text)
      .toBe(`<p title="&quot;">&lt;b&gt;&amp;&#39;</p>`);
    expect(inline("a `<b>`").text).toBe("a <code>&lt;b&gt;</code>");
    expect(prose("- <a>\n- b").text).toBe("<ul><li>&lt;a&gt;</li><li>b</li></ul>");
  });
});
