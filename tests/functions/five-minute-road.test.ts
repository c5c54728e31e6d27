import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import * as z from "zod";
import { blocksOf } from "../support/docs/code-blocks.ts";
import { stack } from "../support/stack.ts";

const run = promisify(execFile);
const answer = z.record(z.string(), z.unknown());

it("the README's five-minute road leads to a subscription, call by call as it stands there", async () => {
  const { functionsUrl, organizationKey, prices } = stack();
  const road = blocksOf("README.md", "sh").find((block) => block.startsWith("FUNCTIONS=")) ?? "";
  // A user of its own, so that the road may be walked again.
  const text = road.replace('"user-1"', `"${crypto.randomUUID()}"`);
  const values: Record<string, string> = {
    FUNCTIONS: functionsUrl,
    KEY: organizationKey,
    PRICE: prices["monthly"] ?? "",
  };
  /** Whose value the reader copies from the answer before: `"sessionToken" of the answer`. */
  const copied = new Map(
    [...text.matchAll(/^([A-Z]+)='[^']*' +# "(\w+)" of/gm)].map(([, name = "", field = ""]) => [
      name,
      field,
    ]),
  );
  expect([...copied.keys()]).toEqual(["TOKEN", "SECRET", "SESSION"]);

  const answers: z.output<typeof answer>[] = [];
  for (const call of text.replaceAll("\\\n", " ").match(/^curl .*$/gm) ?? []) {
    const { stdout } = await run("sh", ["-c", call], { env: { ...process.env, ...values } });
    const told = answer.parse(JSON.parse(stdout));
    answers.push(told);
    for (const [name, field] of copied) {
      const value = told[field];
      if (values[name] === undefined && typeof value === "string") values[name] = value;
    }
  }
  expect(answers).toMatchObject([
    { allowedOperations: ["checkout", "entitlements", "subscription", "portal"] },
    { checkoutMode: "standard", discountAmount: 725 },
    { error: { code: "card_declined" } },
    { success: true, status: "active" },
    { status: "succeeded" },
  ]);
});
