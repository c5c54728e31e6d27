import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { isObject } from "../src/core/json.ts";

async function announced(output: Readable): Promise<Record<string, unknown>> {
  const lines = createInterface({ input: output });
  for await (const line of lines) {
    const read: unknown = JSON.parse(line);
    if (isObject(read)) return read;
  }
  throw new Error("nothing was announced");
}

it("runs alone, says where it is in one line of JSON, and stops on SIGTERM", async () => {
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", main, "--connected", "acct_1Alone"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const { url, adminUrl, secretKey } = await announced(child.stdout);
    const headers = { authorization: `Bearer ${String(secretKey)}` };
    const account = await fetch(`${String(url)}/v1/accounts/acct_1Alone`, { headers });
    expect(await account.json()).toMatchObject({ id: "acct_1Alone", charges_enabled: true });
    expect((await fetch(`${String(adminUrl)}/clock`)).status).toBe(200);
  } finally {
    child.kill("SIGTERM");
  }
  await once(child, "exit");
  expect(child.exitCode).toBe(0);
}, 20_000);
