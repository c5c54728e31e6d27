import { describe, expect, it } from "vitest";
import * as z from "zod";
import { isShipped, type Sources, violations } from "../support/source/boundaries.ts";
import { circles } from "../support/source/circles.ts";
import { projectFiles, readProjectFile } from "../../scripts/source/project-files.ts";

const denoConfig = z.object({ imports: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readProjectFile("deno.json")));
const packages = Object.keys(denoConfig.imports);

const isSource = (path: string) => /\.(tsx?|m?js)$/.test(path);
const project: Sources = new Map(
  projectFiles(isSource).map((path) => [path, readProjectFile(path)]),
);

describe("the project", () => {
  it("crosses no boundary", () => {
    expect(violations(project, packages)).toEqual([]);
  });

  it("imports nothing in a circle, not even a type", () => {
    expect(circles(project)).toEqual([]);
  });

  it.each([
    "shared/domain/",
    "shared/contract/",
    "shared/",
    "supabase/functions/checkout/",
    "supabase/functions/features/",
    "supabase/functions/stripe-webhook/",
    "catalogue/",
    "packages/checkout/src/",
    "packages/checkout/src/react/",
    "packages/stripe-simulator/src/",
    "packages/stripe-simulator/tests/",
  ])("%s holds files, so that its rule has something to judge", (folder) => {
    expect([...project.keys()].filter((path) => path.startsWith(folder))).not.toEqual([]);
  });

  it("is known to the Stripe simulator by no word", () => {
    const simulator = [...project].filter(([path]) =>
      path.startsWith("packages/stripe-simulator/")
    );
    const ours = /billingos(?!\/stripe-simulator)|\bbos_|\bapp_|supabase|checkout_transitions/i;
    expect(simulator.filter(([, text]) => ours.test(text)).map(([path]) => path)).toEqual([]);
  });

  it("pins each shipped package to one version for Deno and for Node", () => {
    const { dependencies } = z.object({ dependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readProjectFile("package.json")));
    const pinned = Object.values(denoConfig.imports).map((target) => {
      const [, name = target, version = ""] = /^npm:\/?((?:@[^/]+\/)?[^@/]+)@([^/]+)(?:\/.*)?$/
        .exec(target) ?? [];
      return `${name}@${version}`;
    });
    const wanted = Object.entries(dependencies).map(([name, version]) => `${name}@${version}`);
    expect(new Set(pinned)).toEqual(new Set(wanted));
  });
});

/** A project that keeps every boundary; each case below adds one file that does not. */
const sound: Readonly<Record<string, string>> = {
  "shared/contract/create.ts": `import * as z from "zod/mini"; export const form = z.string();`,
  "shared/domain/period.ts": `import type { Form } from "../contract/create.ts";`,
  "shared/stripe/price.ts": `export {};`,
  "shared/telemetry/dependency-calls.ts": `const { A } = await import("node:async_hooks");`,
  "shared/checkout/settle.ts": `export {};`,
  "shared/sync/inbox.ts": `export {};`,
  "shared/compose/compose.ts": `export {};`,
  "shared/runtime/errors.ts": `import { STATUS_CODE } from "deno-std/http/status.js";`,
  "catalogue/define.ts": `import { p } from "../shared/domain/period.ts"; import pg from "pg";`,
  "supabase/functions/checkout-create/handler.ts":
    `export * from "../../../shared/runtime/errors.ts";`,
  "supabase/functions/checkout-create/index.ts": `import { create } from "./handler.ts";`,
  "supabase/functions/checkout/index.ts": `import { create } from "../checkout-create/handler.ts";`,
  "packages/checkout/src/index.ts":
    `import type { Form } from "../../../shared/contract/create.ts";`,
  "packages/checkout/src/react/index.ts":
    `import { useState } from "react"; import type { C } from "../index.ts";`,
  "packages/stripe-simulator/src/index.ts": `import { createServer } from "node:http";`,
  "bench/figure.ts": `import { s } from "../stack/index.ts";`,
  "stack/index.ts": `import pg from "pg"; import { f } from "../shared/runtime/errors.ts";`,
};

function judged(files: Readonly<Record<string, string>>): string[] {
  return violations(new Map(Object.entries({ ...sound, ...files })), packages);
}

describe("the checker", () => {
  it("has nothing against a sound project", () => {
    expect(judged({})).toEqual([]);
  });

  it.each([
    ["domain imports a client", "shared/domain/a.ts", `import Stripe from "stripe";`],
    [
      "what asks Stripe imports what asks the database",
      "shared/stripe/a.ts",
      `import type { A } from "../database/a.ts";`,
    ],
    [
      "domain imports another part",
      "shared/domain/a.ts",
      `import { e } from "../runtime/errors.ts";`,
    ],
    ["contract imports domain", "shared/contract/a.ts", `import { p } from "../domain/period.ts";`],
    ["contract imports Stripe", "shared/contract/a.ts", `import type Stripe from "stripe";`],
    [
      "a browser's file imports Stripe",
      "packages/checkout/src/a.ts",
      `import type S from "stripe";`,
    ],
    [
      "a browser's file imports what runs in functions",
      "packages/checkout/src/a.ts",
      `import { e } from "../../../shared/runtime/errors.ts";`,
    ],
    [
      "a browser's file needs Node",
      "packages/checkout/src/server/a.ts",
      `import { join } from "node:path";`,
    ],
    [
      "a browser's file needs a database",
      "packages/checkout/src/server/a.ts",
      `import pg from "pg";`,
    ],
    [
      "a page without React loads it",
      "packages/checkout/src/a.ts",
      `import { useState } from "react";`,
    ],
    [
      "the client knows the components",
      "packages/checkout/src/a.ts",
      `import { p } from "./react/index.ts";`,
    ],
    [
      "a component brings a package along",
      "packages/checkout/src/react/a.tsx",
      `import { D } from "@radix-ui/react-dialog";`,
    ],
    [
      "a function knows the client",
      "shared/checkout/a.ts",
      `import type { C } from "@billingos/checkout";`,
    ],
    [
      "the database knows Stripe",
      "shared/database/a.ts",
      `import type { P } from "../stripe/price.ts";`,
    ],
    [
      "Stripe knows a checkout",
      "shared/stripe/a.ts",
      `import type { S } from "../checkout/settle.ts";`,
    ],
    [
      "a checkout knows the inbox",
      "shared/checkout/a.ts",
      `import type { I } from "../sync/inbox.ts";`,
    ],
    [
      "a use case knows how it is composed",
      "shared/sync/a.ts",
      `import { compose } from "../compose/compose.ts";`,
    ],
    [
      "the process knows the rest",
      "shared/runtime/a.ts",
      `import type { P } from "../domain/period.ts";`,
    ],
    ["a file has no room", "shared/a.ts", `import { e } from "./runtime/errors.ts";`],
    [
      "shared imports the stack",
      "shared/checkout/a.ts",
      `import { s } from "../../stack/index.ts";`,
    ],
    [
      "shared imports a function",
      "shared/checkout/a.ts",
      `import { h } from "../../supabase/functions/checkout-create/handler.ts";`,
    ],
    ["a function imports the stack", fn("a"), `import { s } from "../../../stack/index.ts";`],
    ["a function imports the bench", fn("a"), `import { f } from "../../../bench/figure.ts";`],
    [
      "a function imports another's handler",
      fn("a"),
      `import { h } from "../checkout-create/handler.ts";`,
    ],
    [
      "the router imports another's entry point",
      "supabase/functions/checkout/a.ts",
      `import entry from "../checkout-create/index.ts";`,
    ],
    [
      "shared imports the simulator",
      "shared/checkout/a.ts",
      `import type { S } from "@billingos/stripe-simulator";`,
    ],
    [
      "a function imports the simulator's files",
      fn("a"),
      `import { s } from "../../../packages/stripe-simulator/src/index.ts";`,
    ],
    [
      "the catalogue takes part in a checkout",
      "catalogue/a.ts",
      `import { e } from "../shared/checkout/settle.ts";`,
    ],
    ["the catalogue needs the stack", "catalogue/a.ts", `import { s } from "../stack/index.ts";`],
    [
      "a function knows the catalogue's file",
      "shared/checkout/a.ts",
      `import { c } from "../../catalogue/define.ts";`,
    ],
    [
      "the simulator imports our code",
      "packages/stripe-simulator/src/a.ts",
      `import { f } from "../../../shared/runtime/errors.ts";`,
    ],
    [
      "a test of the simulator imports the stack",
      "packages/stripe-simulator/tests/a.test.ts",
      `import type { S } from "../../../stack/index.ts";`,
    ],
    [
      "the simulator needs a database",
      "packages/stripe-simulator/src/a.ts",
      `import pg from "pg";`,
    ],
    [
      "the stack imports the simulator past its name",
      "stack/a.ts",
      `import { s } from "../packages/stripe-simulator/src/index.ts";`,
    ],
    [
      "a type is imported",
      "shared/checkout/a.ts",
      `import type { S } from "../../stack/index.ts";`,
    ],
    [
      "a type is imported in place",
      "shared/checkout/a.ts",
      `type S = import("../../stack/index.ts").S;`,
    ],
    ["a part is exported on", "shared/checkout/a.ts", `export { s } from "../../stack/index.ts";`],
    ["all is exported on", "shared/checkout/a.ts", `export * from "../../stack/index.ts";`],
    [
      "a type is exported on",
      "shared/checkout/a.ts",
      `export type { S } from "../../stack/index.ts";`,
    ],
    [
      "a part is loaded late",
      "shared/checkout/a.ts",
      `const s = () => import("../../stack/index.ts");`,
    ],
    [
      "a template names it",
      "shared/checkout/a.ts",
      "const s = () => import(`../../stack/index.ts`);",
    ],
    ["a part is required", "shared/checkout/a.ts", `import s = require("../../stack/index.ts");`],
    ["an import is for its effect", "shared/checkout/a.ts", `import "../../stack/index.ts";`],
    ["the name is computed", "shared/checkout/a.ts", `const s = (name: string) => import(name);`],
    ["the ending is left out", "shared/checkout/a.ts", `import { e } from "../runtime/errors";`],
    ["the ending is another", "shared/checkout/a.ts", `import { e } from "../runtime/errors.js";`],
    ["the case is wrong", "shared/checkout/a.ts", `import { e } from "../runtime/Errors.ts";`],
    ["a folder is imported", "stack/a.ts", `import { s } from ".";`],
    ["the file does not exist", "stack/a.ts", `import { s } from "./missing.ts";`],
    ["the path is absolute", "shared/checkout/a.ts", `import { e } from "/shared/errors.ts";`],
    ["a package is not mapped", "shared/checkout/a.ts", `import pg from "pg";`],
    ["a registry is named", "shared/checkout/a.ts", `import pg from "npm:pg@8";`],
    ["a file is fetched", "shared/checkout/a.ts", `import pg from "https://example.com/pg.ts";`],
    ["Node is needed", "shared/checkout/a.ts", `import { join } from "node:path";`],
    [
      "a second file knows of requests what only the runtime does",
      "shared/telemetry/a.ts",
      `import { AsyncLocalStorage } from "node:async_hooks";`,
    ],
    [
      "what measures calls knows whose they are",
      "shared/telemetry/a.ts",
      `import type { P } from "../stripe/price.ts";`,
    ],
    ["a file lies beside the functions", "supabase/a.ts", `import * as z from "zod/mini";`],
    ["a function's start waits for zod's methods", fn("b"), `import * as z from "zod";`],
    ["a schema of the contract has them", "shared/contract/a.ts", `import * as z from "zod/v4";`],
  ])("objects when %s", (_, path, text) => {
    expect(judged({ [path]: text })).toHaveLength(1);
  });

  it("finds a circle of values and types, and neither what leads to it nor what it leads to", () => {
    const files = {
      "shared/checkout/door.ts": `import "./confirm.ts";`,
      "shared/checkout/confirm.ts": `import "./settle.ts"; import "../domain/period.ts";`,
      "shared/checkout/settle.ts": `import type { Confirmed } from "./confirm.ts";`,
    };
    expect(circles(new Map(Object.entries({ ...sound, ...files }))))
      .toEqual(["shared/checkout/confirm.ts", "shared/checkout/settle.ts"]);
  });

  it("objects when there is nothing to check", () => {
    expect(violations(new Map(), packages)).toHaveLength(1);
    expect(violations(new Map([["stack/index.ts", ""]]), packages)).toHaveLength(1);
    expect([...project.keys()].filter(isShipped)).not.toEqual([]);
  });

  it("reads no import in a comment or a string", () => {
    const text = `// import "../stack/index.ts"\nexport const s = 'import "../stack/index.ts"';`;
    expect(judged({ "shared/checkout/a.ts": text })).toEqual([]);
  });

  it("refuses a file that it cannot read", () => {
    expect(() => judged({ "shared/checkout/a.ts": "import {" })).toThrow("shared/checkout/a.ts");
  });
});

function fn(name: string): string {
  return `supabase/functions/stripe-webhook/${name}.ts`;
}
