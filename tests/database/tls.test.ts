import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connectionRefusal, databaseClient, libpqUrl } from "../../scripts/database-url.ts";
import { command, onDatabase } from "../../scripts/operator.ts";
import { type Postgres, startPostgres } from "../../stack/postgres/index.ts";
import { withClient } from "../../stack/postgres/with-client.ts";
import { selfSigned } from "../support/certificate.ts";
import { runCommand } from "../support/command.ts";

/** Says whether the server was spoken to in TLS. */
const encrypted = command(
  "usage: npm run encrypted",
  (terminal) =>
    onDatabase(terminal, undefined, async (client) => {
      const { rows: [row] } = await client.query<{ ssl: boolean }>(
        "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
      );
      terminal.out(String(row?.ssl));
    }),
);

let postgres: Postgres;
let folder: string;
let authority: string;
let stranger: string;

/** Reaches the server of this test by an address that does not say that it is this machine. */
const REMOTE = "127.1";
const at = (host: string, parameters = "") =>
  postgres.databaseUrl.replace("@127.0.0.1:", `@${host}:`).replace(/\?.*$/, parameters);
const over = async (url: string) =>
  (await runCommand(encrypted, { DATABASE_URL: url }, [])).stdout.trim();

/** With the certificates of one file as the authority. */
const verified = (file: string) =>
  at(REMOTE, `?sslmode=verify-ca&sslrootcert=${encodeURIComponent(file)}`);

const withTls = (on: boolean): Promise<void> =>
  withClient(postgres.superuserUrl, async (client) => {
    await client.query(`alter system set ssl = ${on ? "on" : "off"}`);
    await client.query("select pg_reload_conf()");
    await vi.waitFor(async () => {
      const { rows } = await client.query<{ ssl: string }>("show ssl");
      expect(rows).toEqual([{ ssl: on ? "on" : "off" }]);
    }, 60_000);
  });

beforeAll(async () => {
  postgres = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), "billingos test "));
  authority = join(folder, "authority.pem");
  stranger = join(folder, "stranger.pem");
  const server = selfSigned("localhost");
  await writeFile(authority, server.certificate);
  await writeFile(stranger, selfSigned("localhost").certificate);
  await withClient(postgres.superuserUrl, async (client) => {
    // Written by the server, whose account alone may read its key.
    const { rows: [data] } = await client.query<{ folder: string }>(
      "select current_setting('data_directory') as folder",
    );
    for (const [file, text] of [["server.key", server.key], ["server.crt", server.certificate]]) {
      const lines = (text ?? "").trim().split("\n").map((line) => client.escapeLiteral(line));
      const path = client.escapeLiteral(join(data?.folder ?? "", file ?? ""));
      await client.query(`copy (select unnest(array[${lines.join(",")}])) to ${path}`);
      if (file !== "server.key") continue;
      await client.query(
        `copy (select 1) to program ${
          client.escapeLiteral(`cat > /dev/null; chmod 600 '${data?.folder}/server.key'`)
        }`,
      );
    }
  });
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("a command to a database whose server speaks TLS", () => {
  beforeAll(() => withTls(true));

  it.each([
    ["nothing about it", ""],
    [
      "sslmode=require, whose certificate the platform's own authority has signed",
      "?sslmode=require",
    ],
  ])("speaks TLS to another machine where the address says %s", async (_what, parameters) => {
    expect(await over(at(REMOTE, parameters))).toBe("true");
  });

  it("verifies the certificate where the address names its authority", async () => {
    expect(await over(verified(authority))).toBe("true");
    await expect(over(verified(stranger))).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /DATABASE_URL: the certificate of 127\.1 was not verified.*sslrootcert/s,
      ) as unknown,
    });
  });

  it("is plain to this machine where nothing is said, and TLS where it is", async () => {
    expect(await over(at("127.0.0.1"))).toBe("false");
    expect(await over(at("localhost", "?sslmode=prefer"))).toBe("false");
    expect(await over(at("127.0.0.1", "?sslmode=require"))).toBe("true");
  });
});

describe("a command to a database whose server speaks none", () => {
  beforeAll(() => withTls(false));

  it("reaches it on this machine", async () => {
    expect(await over(at("127.0.0.1"))).toBe("false");
  });

  it.each([["", "nothing"], ["?sslmode=require", "sslmode=require"]])(
    "sends it nothing from another machine, with %j in the address",
    async (parameters) => {
      await expect(over(at(REMOTE, parameters))).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/DATABASE_URL: 127\.1 offers no TLS/) as unknown,
      });
    },
  );
});

const SECRET = "hunter2%21";
const HOSTED = `postgresql://postgres:${SECRET}@db.abcdefghijklmnopqrst.supabase.co:5432/postgres`;

it.each([
  [
    "no TLS to another machine",
    `${HOSTED}?sslmode=disable`,
    /sslmode=disable.*plain.*say sslmode=require/,
  ],
  ["TLS if it happens", `${HOSTED}?sslmode=prefer`, /sslmode=prefer.*plain/],
  [
    "a host behind the host",
    `postgresql://postgres:${SECRET}@localhost/postgres?host=db.example.com&sslmode=allow`,
    /plain text to db\.example\.com/,
  ],
  ["a mode that is none", `${HOSTED}?sslmode=yes`, /sslmode is one of disable/],
  ["another spelling of it", `${HOSTED}?ssl=0`, /take ssl out/],
  [
    "a compatibility of it",
    `${HOSTED}?sslmode=require&uselibpqcompat=false`,
    /take uselibpqcompat out/,
  ],
  ["an authority that is not there", `${HOSTED}?sslmode=verify-ca`, /sslrootcert/],
  [
    "a file that is not there",
    `${HOSTED}?sslmode=verify-full&sslrootcert=/nowhere/at.pem`,
    /nowhere/,
  ],
  [
    "the pooler's transactions",
    `postgresql://postgres.abc:${SECRET}@aws-0-eu-west-1.pooler.supabase.com:6543/postgres`,
    /say port 5432/,
  ],
  ["a page", "https://abcdefghijklmnopqrst.supabase.co", /is no connection string/],
  [
    "a password that was not encoded",
    `postgresql://postgres:${SECRET}#[/@host/postgres`,
    /percent-encoding/,
  ],
  ["words", `host=localhost password=${SECRET}`, /is no connection string/],
])("refuses an address that asks for %s, and repeats no password", async (_what, url, reason) => {
  await expect(over(url)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(reason) as unknown,
  });
  await expect(over(url)).rejects.toMatchObject({
    stderr: expect.not.stringContaining("hunter2") as unknown,
  });
});

it.each(["ENETUNREACH", "ENOTFOUND", "EHOSTUNREACH"])(
  "explains a direct address that an IPv4 network does not reach (%s) and names the pooler's",
  (code) => {
    const error = connectionRefusal(
      Object.assign(new Error("connect"), { code }),
      databaseClient(HOSTED),
    );
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /IPv6 address alone.*session pooler.*pooler\.supabase\.com:5432/,
      ) as unknown,
    });
  },
);

it.each([
  ["another machine", "postgresql://u:p@db.example.com:5432/d", "?sslmode=require"],
  [
    "one that is to be verified",
    "postgresql://u:p@db.example.com:5432/d?sslmode=verify-full",
    "",
  ],
  ["this machine", "postgresql://u:p@127.0.0.1:5432/d", ""],
])("tells another program what TLS it speaks to %s", (_what, url, added) => {
  expect(libpqUrl(url)).toBe(`${url}${added}`);
});

it("takes the session pooler's address as it is", () => {
  const url =
    `postgresql://postgres.abc:${SECRET}@aws-0-eu-west-1.pooler.supabase.com:5432/postgres`;
  expect(databaseClient(url)).toMatchObject({
    user: "postgres.abc",
    ssl: { rejectUnauthorized: false },
  });
});
