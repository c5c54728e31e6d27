import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { projectRoot } from "../../scripts/source/project-files.ts";

it("npm adds nothing to what a command prints, neither before it nor after it fails", () => {
  const { stdout, stderr, status } = spawnSync("npm", ["run", "keys", "--", "nothing"], {
    cwd: projectRoot,
    encoding: "utf8",
  });
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/usage: npm run keys/);
});

it("a command takes good keys on the oldest Node that it runs on, which lacks some of what Deno has", () => {
  const key = randomBytes(32).toString("base64url");
  const { stderr, status } = spawnSync(
    "npm",
    ["run", "deploy", "--", "--project-ref", "abcdefghijklmnopqrst", "--organization", "Example"],
    {
      cwd: projectRoot,
      encoding: "utf8",
      env: {
        ...process.env,
        SUPABASE_ACCESS_TOKEN: "sbp_one",
        SUPABASE_API_URL: "http://127.0.0.1:9",
        DATABASE_URL: "postgresql://postgres:postgres@127.0.0.1:9/postgres",
        STRIPE_SECRET_KEY: "sk_test_one",
        STRIPE_PUBLISHABLE_KEY: "pk_test_one",
        CHECKOUT_ALLOWED_ORIGINS: "https://app.example.com",
        CHECKOUT_DIGEST_KEY: key,
        CHECKOUT_TOKEN_KEYS: JSON.stringify({ keys: [{ kty: "oct", kid: "1", k: key }] }),
      },
    },
  );
  // Nothing but that nobody listens there.
  expect(stderr).toBe("connect ECONNREFUSED 127.0.0.1:9\n");
  expect(status).toBe(1);
});
