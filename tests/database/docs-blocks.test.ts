import { Client } from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { cloneDatabase } from "../support/database.ts";
import { checkedBlocks, type CodeBlock } from "../support/docs/code-blocks.ts";

const { databaseUrl } = await cloneDatabase();
const client = new Client({ connectionString: databaseUrl });
await client.connect();
afterAll(() => client.end());

const documents = new Map<string, CodeBlock[]>();
for (const block of checkedBlocks("sql")) {
  const path = block.place.split(":")[0] ?? "";
  documents.set(path, [...documents.get(path) ?? [], block]);
}

describe("the blocks in SQL", () => {
  it("are looked for where there are some", () => {
    expect([...documents.keys()]).toEqual(
      expect.arrayContaining(["docs/guides/rls-gating.md", "docs/operations.md", "docs/rls.md"]),
    );
  });

  it.each([...documents])(
    "of %s are carried out by the project's owner, one after the other",
    async (
      _path,
      blocks,
    ) => {
      const carriedOut: string[] = [];
      await client.query("begin");
      try {
        for (const { place, text } of blocks) {
          await client.query(text);
          carriedOut.push(place);
        }
      } finally {
        await client.query("rollback");
        expect(carriedOut).toEqual(blocks.map(({ place }) => place));
      }
    },
  );

  it("would be found wrong with a column that there is not", async () => {
    await expect(client.query("select no_such from billing.checkout_sessions")).rejects
      .toThrow("no_such");
  });
});
