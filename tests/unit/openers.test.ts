import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { functionSlugs } from "../../scripts/deploy/function-slugs.ts";
import { projectFolder } from "../../scripts/deploy/migrations.ts";
import { importsOf } from "../../scripts/source/imports.ts";
import { OPENERS } from "../../scripts/uninstall/steps.ts";

it("the functions that open checkouts are all that have checkout-create's handler in them", async () => {
  const opening = (await functionSlugs(projectFolder)).filter((slug) => {
    const folder = join(projectFolder, "supabase", "functions", slug);
    return readdirSync(folder).filter((name) => name.endsWith(".ts")).some((name) =>
      importsOf(name, readFileSync(join(folder, name), "utf8")).some((path) =>
        path === "../checkout-create/handler.ts" ||
        (slug === "checkout-create" && path === "./handler.ts")
      )
    );
  });
  expect(OPENERS).toEqual(opening);
});
