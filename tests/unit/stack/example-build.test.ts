import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { builtPage, sourceDigest } from "../../../stack/example/build.ts";

const kept = await mkdtemp(join(tmpdir(), "kept-page-"));
afterAll(() => rm(kept, { recursive: true }));
const page = { "index.html": Buffer.from("<p>ü").toString("base64") };
const inFolder = (path: string) => ({ path, adopt: () => undefined });
/** A build that is begun with it is over. */
const noBuild = AbortSignal.abort();

describe("the example's page", () => {
  it("is not built again while its sources are the same", async () => {
    await writeFile(join(kept, `${sourceDigest()}.json`), JSON.stringify(page));
    const files = await builtPage(inFolder(kept), noBuild, kept);
    expect([...files].map(([path, bytes]) => [path, bytes.toString()])).toEqual([
      ["index.html", "<p>ü"],
    ]);
  });

  it.each([
    ["of other sources", "0".repeat(32), JSON.stringify(page)],
    ["of which a half is kept", sourceDigest(), JSON.stringify(page).slice(0, -4)],
  ])("is built again where there is one %s", async (_, digest, text) => {
    const folder = await mkdtemp(join(kept, "one-"));
    await writeFile(join(folder, `${digest}.json`), text);
    await expect(builtPage(inFolder(folder), noBuild, folder)).rejects.toThrow("cannot be built");
  });
});
