import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Listening, listening } from "../../stack/process/listening.ts";

/**
 * Gives each worker a number of its own below `count`, for as long as its process lives (vitest's own VITEST_POOL_ID is no such
 * number: where one project follows another, two workers may have the same), and what belongs to the number.
 */
export async function startClaims(
  count: number,
  belongings: (worker: number) => Promise<object>,
): Promise<Listening> {
  const holders: (number | undefined)[] = Array.from({ length: count });
  const numberOf = (pid: number): number => {
    const known = holders.indexOf(pid);
    const mine = known === -1 ? holders.findIndex((holder) => !isAlive(holder)) : known;
    if (mine !== -1) holders[mine] = pid;
    return mine;
  };
  const server = createServer(({ url = "" }, response) => {
    const [, pid, asksForMore] = url.split("/");
    const mine = numberOf(Number(pid));
    if (mine === -1) return void response.writeHead(409).end();
    if (asksForMore === undefined) return void response.end(String(mine));
    belongings(mine).then(
      (all) => response.end(JSON.stringify(all)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
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

/** What belongs to this process's number, once it has one. */
export async function claimBelongings(url: string): Promise<unknown> {
  const response = await fetch(`${url}/${process.pid}/belongings`);
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}
