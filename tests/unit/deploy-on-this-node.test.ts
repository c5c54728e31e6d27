import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { projectRoot } from "../../scripts/source/project-files.ts";

const random = () => randomBytes(32).toString("base64url");
const KEYS = {
  CHECKOUT_DIGEST_KEY: random(),
  CHECKOUT_TOKEN_KEYS: JSON.stringify({ keys: [{ kty: "oct", kid: "1", k: random() }] }),
};

// A process of its own, as an operator has it: what the set-up of the tests gives them is not there.
it.each(["deploy", "uninstall"])(
  "npm run %s takes good keys on whatever Node runs it, and names what is missing alone",
  (name) => {
    const { stderr, status } = spawnSync(
      process.execPath,
      ["scripts/run.mjs", `scripts/${name}.ts`, "--env-file", "/dev/null"],
      { cwd: projectRoot, encoding: "utf8", env: { PATH: process.env["PATH"], ...KEYS } },
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(/^SUPABASE_ACCESS_TOKEN: is not set/m);
    expect(stderr).not.toMatch(/^CHECKOUT_(DIGEST_KEY|TOKEN_KEYS):/m);
  },
);
