import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import * as z from "zod";
import { environmentNames } from "../../../../shared/runtime/environment.ts";
import { permissionsOf } from "../../../../stack/functions/permissions.ts";
import { loadedBy } from "../../../support/source/loads.ts";
import { projectFiles, readProjectFile } from "../../../../scripts/source/project-files.ts";
import { environment } from "../support/environment.ts";

const slugs = projectFiles((path) => /^supabase\/functions\/[^/]+\/index\.ts$/.test(path))
  .map((path) => path.split("/")[2] ?? "");
const entryOf = (slug: string) => `supabase/functions/${slug}/index.ts`;

// Deno has it, Node 20 does not.
beforeEach(() => {
  vi.stubGlobal("WebSocket", WebSocket);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const entry = z.object({ default: z.object({ fetch: z.function() }) });

it.each(slugs)(
  "%s reads the variables that it is allowed, each of them, and no other",
  async (slug) => {
    const asked = new Set<string>();
    const get = (name: string) => {
      asked.add(name);
      return environment[name];
    };
    vi.stubGlobal("Deno", { env: { get } });
    const served: unknown = await import(`../../../../${entryOf(slug)}`);
    expect(entry.safeParse(served).error).toBeUndefined();
    expect([...asked].toSorted()).toEqual([...permissionsOf(slug).env].toSorted());
  },
);

it("every variable is read by some function", () => {
  const all = new Set(slugs.flatMap((slug) => permissionsOf(slug).env));
  expect([...all].toSorted()).toEqual([...environmentNames].toSorted());
});

/** What a file loads before it serves, directly and through others of ours. */
function loadsOf(entryPoint: string) {
  const packages = new Set<string>();
  const files = new Set<string>();
  const visit = (path: string) => {
    if (files.has(path)) return;
    files.add(path);
    for (const name of loadedBy(path, readProjectFile(path))) {
      if (!name.startsWith(".")) packages.add(name);
      else visit(new URL(name, `file:///${path}`).pathname.slice(1));
    }
  };
  visit(entryPoint);
  return { packages, files };
}

const packagesOf = (entryPoint: string) => loadsOf(entryPoint).packages;
const filesOf = (entryPoint: string) => loadsOf(entryPoint).files;

it("Stripe's package is loaded at the start only where most calls need it", () => {
  const loading = slugs.filter((slug) => packagesOf(entryOf(slug)).has("stripe"));
  expect(loading.toSorted()).toEqual([
    "checkout",
    "checkout-cancel",
    "checkout-confirm",
    "checkout-create",
    "checkout-reconcile",
    "portal",
    "sdk",
    "stripe-webhook",
  ]);
});

it("no function loads what sends traces before it has one to send", () => {
  const files = slugs.flatMap((slug) => Array.from(filesOf(entryOf(slug))));
  expect(files).toContain("shared/telemetry/dependency-calls.ts");
  expect(files.filter((path) => /^shared\/telemetry\/(otlp|spans)\.ts$/.test(path))).toEqual([]);
});

it("no function loads what tells requests apart before there are two", () => {
  const loaded = slugs.flatMap((slug) => Array.from(packagesOf(entryOf(slug))));
  expect(loaded).toContain("zod/mini");
  expect(loaded.filter((name) => name.startsWith("node:"))).toEqual([]);
});

it("a late import of Stripe is seen, and a type's is none", () => {
  expect([...packagesOf("shared/compose/stripe.ts")]).toContain("stripe");
  expect([...packagesOf("shared/compose/late-stripe.ts")]).not.toContain("stripe");
  const types = `import type A from "a"; import { type B } from "b"; export type { C } from "c";`;
  expect(loadedBy("x.ts", types)).toEqual([]);
  const values =
    `import a from "a"; import { b, type B } from "b"; export { c } from "c"; import "d";
    export * from "e"; const late = () => import("f");`;
  expect(loadedBy("x.ts", values)).toEqual(["a", "b", "c", "d", "e"]);
});
