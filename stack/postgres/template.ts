import { createHash, randomBytes } from "node:crypto";
import { execFile } from "node:child_process";
import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openRunFolder } from "../process/run-folder.ts";
import { serverPackage } from "./binaries.ts";
import { type Cluster, createCluster, INITDB, serve, SUPERUSER } from "./cluster.ts";
import { applyPlatform, platformSql, setPasswords } from "./platform.ts";

const run = promisify(execFile);

/** What a database holds before anybody works in it, besides what every project has. */
export interface Contents {
  /** Changes whenever what `fill` does would. */
  readonly digest: string;
  /** @param databaseUrl as the role `postgres` */
  fill(databaseUrl: string): Promise<void>;
}

/** Milliseconds after which a template that nobody has started from is removed: long after whoever looked at it has copied it. */
const UNUSED = 7 * 24 * 60 * 60 * 1000;

/**
 * Copies the data of a cluster that has been filled once and shut down into the place of this one. It is made where there is none
 * yet, and kept beside the installed packages, so that the next start is quick; where this user may not write there, in the stack's
 * own folder.
 *
 * @returns the superuser's password in the copy; whoever starts it sets another
 */
export async function copyTemplate(cluster: Cluster, contents: Contents): Promise<string> {
  const template = await templatePath(cluster, contents);
  if (!await exists(template)) await makeTemplate(template, contents);
  const now = new Date();
  await utimes(template, now, now).catch(() => undefined);
  // With the owner of each file: the server may run under another account than we.
  await run("cp", ["-a", join(template, "data"), cluster.data]);
  return readFile(join(template, "password"), "utf8");
}

/** Where the template of these contents is or will be. */
export async function templatePath(
  cluster: Pick<Cluster, "folder">,
  contents: Contents,
): Promise<string> {
  return join(await templatesFolder(cluster), await digestOf(contents));
}

async function templatesFolder({ folder }: Pick<Cluster, "folder">): Promise<string> {
  const shared = fileURLToPath(
    new URL(`../../node_modules/.cache/postgres-${process.getuid?.() ?? 0}`, import.meta.url),
  );
  const own = join(folder.path, "postgres-templates");
  try {
    await mkdir(shared, { recursive: true, mode: 0o700 });
    return shared;
  } catch {
    await mkdir(own, { recursive: true, mode: 0o700 });
    return own;
  }
}

async function digestOf(contents: Contents): Promise<string> {
  const parts = [
    await serverPackage(),
    ...INITDB,
    ...await platformSql(),
    contents.digest,
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** In one step visible to others, who may be making the same one. */
async function makeTemplate(template: string, contents: Contents): Promise<void> {
  const unfinished = `${template}-${randomBytes(6).toString("hex")}`;
  const folder = await openRunFolder();
  try {
    const password = randomBytes(24).toString("base64url");
    const cluster = await createCluster(folder, password);
    const server = await serve(cluster, { stopSignal: "SIGINT" });
    const url = (role: string) =>
      `postgresql://${role}:${password}@127.0.0.1:${server.port}/postgres?sslmode=disable`;
    try {
      await applyPlatform(url(SUPERUSER));
      await setPasswords(url(SUPERUSER), { postgres: password });
      await contents.fill(url("postgres"));
    } finally {
      await server.stop();
    }
    await mkdir(unfinished, { mode: 0o700 });
    await writeFile(join(unfinished, "password"), password, { mode: 0o600 });
    await run("cp", ["-a", cluster.data, join(unfinished, "data")]);
    // It outlives a crash of the machine, or is not there.
    await flush(unfinished);
    await rename(unfinished, template);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Somebody else was first.
    if (!await exists(template)) throw error;
  } finally {
    await folder.remove();
  }
  await removeUnused(join(template, ".."));
}

async function flush(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = await open(join(entry.parentPath, entry.name));
    await file.sync();
    await file.close();
  }
}

/** As far as it can: others make and remove templates meanwhile, and no start fails for it. */
async function removeUnused(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found === undefined || Date.now() - found.mtimeMs <= UNUSED) continue;
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

const exists = (path: string) => stat(path).then(() => true, () => false);
