import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "./context.ts";
import type { Management } from "./management.ts";
import type { Step } from "./step.ts";

/** The variables of the functions, webhook secrets aside, which are known where the endpoints are made. */
export function functionSecrets({ management, settings: { secrets } }: Context): Step {
  const stale = async () => {
    const digests = await management.secretDigests();
    return Object.entries(secrets).filter(([name, value]) => digests.get(name) !== sha256(value));
  };
  return {
    name: "function secrets",
    check: async () => (await stale()).map(([name]) => `set ${name}`),
    apply: async () => setSecrets(management, Object.fromEntries(await stale())),
  };
}

/**
 * What the platform lists in the place of a value, as the CLI's column DIGEST is known to show it. Where it should be anything else,
 * each run sets the same values once more.
 */
const sha256 = (value: string) => createHash("sha256").update(value).digest("hex");

/** Through a file that this user alone may read: arguments are seen by every user of the machine. */
export async function setSecrets(
  management: Management,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "billingos-secrets-"));
  try {
    const file = join(folder, "secrets.env");
    await writeFile(
      file,
      Object.entries(secrets).map(([name, value]) => line(name, value)).join(""),
      {
        mode: 0o600,
      },
    );
    await management.cli(["secrets", "set", "--env-file", file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Single quotes keep every character (JSON has double ones). No value of these has a single quote or a line break. */
function line(name: string, value: string): string {
  if (/['\n\r]/.test(value)) throw new Error(`${name} holds a quote or a line break`);
  return `${name}='${value}'\n`;
}
