// Brings node_modules in step with package-lock.json. Needs nothing but Node, since it runs before
// anything is installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { linkSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isRunning, startTime } from "../stack/process/identity.mjs";

export const root = realpathSync(fileURLToPath(new URL("..", import.meta.url)));

/**
 * @typedef {{ version?: string, optional?: boolean, devOptional?: boolean }} Package
 * @typedef {{ packages: Record<string, Package> }} Lockfile
 */

/** Runs `npm ci` when packages are missing or of another version than the lockfile's. */
export async function ensureInstalled() {
  requireNode();
  if (isInstalled()) return;
  const unlock = await takeLock();
  try {
    // Another start may have installed while this one waited for it.
    if (!isInstalled()) await install();
  } finally {
    unlock();
  }
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new Error(`Node 20.19 or newer is needed; this is ${process.versions.node}`);
  }
}

function isInstalled() {
  const wanted = readLockfile("package-lock.json");
  const present = readLockfile(join("node_modules", ".package-lock.json"));
  if (wanted === undefined) throw new Error("package-lock.json is missing");
  if (present === undefined) return false;
  const isInStep = Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    if (path === "") return true;
    const found = present[path];
    // An optional package may be meant for another system.
    return found === undefined
      ? optional === true || devOptional === true
      : found.version === version;
  });
  return isInStep && Object.keys(present).every((path) => path in wanted);
}

/** @param {string} path */
function readLockfile(path) {
  try {
    /** @type {unknown} */
    const lockfile = JSON.parse(readFileSync(join(root, path), "utf8"));
    return isLockfile(lockfile) ? lockfile.packages : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {unknown} value
 * @returns {value is Lockfile}
 */
function isLockfile(value) {
  return typeof value === "object" && value !== null && "packages" in value;
}

async function install() {
  console.error("installing packages (npm ci)");
  // The npm that runs us, if one does; it is a JavaScript file.
  const npm = process.env["npm_execpath"];
  const [command, ...args] = npm?.endsWith(".js") === true ? [process.execPath, npm] : ["npm"];
  const child = spawn(command, [...args, "ci", "--no-audit", "--loglevel=notice"], {
    cwd: root,
    // Standard output belongs to whatever runs after the installation.
    stdio: ["ignore", process.stderr, process.stderr],
  });
  // Ending this process alone would leave npm at work behind a lock whose owner is dead.
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => child.kill(signal);
  process.on("SIGINT", pass).on("SIGTERM", pass);
  /** @type {boolean} */
  const succeeded = await new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve(code === 0));
  });
  process.off("SIGINT", pass).off("SIGTERM", pass);
  if (!succeeded) throw new Error("npm ci failed: see its messages above");
}

/**
 * Waits until no other process installs into this checkout. The lock lies outside of it, because
 * `npm ci` empties node_modules; one whose owner is dead is taken over.
 *
 * @returns the release
 */
async function takeLock() {
  const name = createHash("sha256").update(root).digest("hex").slice(0, 16);
  const file = join(realpathSync(tmpdir()), `billingos-install-${name}.lock`);
  const mine = `${process.pid},${startTime(process.pid)}`;
  for (let told = false;; await sleep(200)) {
    try {
      writeFileSync(file, mine, { flag: "wx", mode: 0o644 });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    if (isAbandoned(file)) stealLock(file);
    else if (!told) console.error("another start is installing packages: waiting for it");
    told = true;
  }
}

/** @param {string} file */
function isAbandoned(file) {
  try {
    const [pid, started] = readFileSync(file, "utf8").split(",");
    return pid !== undefined && pid !== "" && !isRunning(Number(pid), started ?? "");
  } catch {
    return false;
  }
}

/**
 * Only one of several waiters gets the file by renaming it. Whoever finds that it took a living one,
 * made since it looked, puts it back.
 *
 * @param {string} file
 */
function stealLock(file) {
  const taken = `${file}.${process.pid}`;
  try {
    renameSync(file, taken);
    if (!isAbandoned(taken)) linkSync(taken, file);
  } catch {
    // Another waiter was faster.
  } finally {
    rmSync(taken, { force: true });
  }
}
