import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Listening, listening } from "../../stack/process/listening.ts";

/**
 * Gives each worker a number of its own below `count`, for as long as its process lives. Vitest's own VITEST_POOL_ID is no such
 * number: where one project follows another, two workers may have the same.
 */
export async function startClaims(count: number): Promise<Listening> {
  const holders: (number | undefined)[] = Array.from({ length: count });
  const server = createServer(({ url = "" }, response) => {
    const pid = Number(url.slice(1));
    const known = holders.indexOf(pid);
    const mine = known === -1 ? holders.findIndex((holder) => !isAlive(holder)) : known;
    if (mine !== -1) holders[mine] = pid;
    response.writeHead(mine === -1 ? 409 : 200).end(String(mine));
  });
  return listening(server);
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** This process's number; waits while the worker before it is ending. */
export async function claim(url: string): Promise<number> {
  for (;; await sleep(50)) {
    const response = await fetch(`${url}/${process.pid}`);
    const text = await response.text();
    if (response.ok) return Number(text);
  }
}
