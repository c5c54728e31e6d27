import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { buildPackage } from "../build/build.ts";

const outDir = await mkdtemp(join(tmpdir(), "checkout-build-"));
afterAll(() => rm(outDir, { recursive: true }));
// Types are built, and used by a compiler, in consumers/.
await buildPackage({ outDir, types: false });
const sourceMap = z.object({ sources: z.array(z.string()).min(1) });
const read = (name: string) => readFile(join(outDir, name), "utf8");

/** An entry with all that it shares with others. */
async function whole(name: string): Promise<{ text: string; packages: string[] }> {
  const text = await read(name);
  const names = [...text.matchAll(/\b(?:from|import)\s*\(?["'`]([^"'`]+)["'`]/g)]
    .map(([, imported = ""]) => imported);
  const shared = await Promise.all(names.filter((each) => each.startsWith("./")).map(whole));
  return {
    text: [text, ...shared.map((part) => part.text)].join("\n"),
    packages: [...names, ...shared.flatMap((part) => part.packages)]
      .filter((each) => !each.startsWith("./")),
  };
}

describe("the published form", () => {
  it("of the client is below six kilobytes", async () => {
    const { text } = await whole("index.js");
    const size = gzipSync(text).length;
    console.log(`@billingos/checkout: ${size} bytes gzipped`);
    expect(size).toBeGreaterThan(1_000);
    expect(size).toBeLessThan(6_000);
  });

  it.each([
    ["index.js", []],
    ["server.js", []],
    ["react.js", ["@tanstack/react-query", "react", "react/jsx-runtime"]],
  ])(
    "of %s loads no package but its peers, and nothing of the contract's schemas",
    async (name, peers) => {
      const { text, packages } = await whole(name);
      expect([...new Set(packages)].toSorted()).toEqual(peers);
      expect(text).not.toMatch(/ZodObject|safeParse|node:/);
    },
  );

  it("has a source map for each file, which says nothing of the machine that built it", async () => {
    const files = await readdir(outDir);
    const scripts = files.filter((name) => name.endsWith(".js"));
    expect(scripts.length).toBeGreaterThanOrEqual(3);
    for (const name of scripts) {
      const map = await read(`${name}.map`);
      expect(map).toContain("sourcesContent");
      const { sources } = sourceMap.parse(JSON.parse(map));
      expect(sources.filter((source) => !/^(packages\/checkout\/src|shared)\//.test(source)))
        .toEqual([]);
    }
  });

  it("names in its manifest what is there, and nothing of the source", async () => {
    const manifest = await read("package.json");
    const named = [...manifest.matchAll(/: "\.\/([a-z]+\.(?:js|css))"/g)].map(([, name]) => name);
    expect(new Set(named)).toEqual(new Set(["index.js", "react.css", "react.js", "server.js"]));
    expect(await readdir(outDir)).toEqual(
      expect.arrayContaining([...named, "README.md", "LICENSE"]),
    );
    expect(manifest).not.toMatch(/src\/|"private"|workspace:/);
  });
});
