import { INTERRUPT } from "../tty.ts";

export type Key = "quit" | "up" | "down" | "open" | "back" | "replay";

/** As terminals send them (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html#h2-PC-Style-Function-Keys). */
const keys = new Map<string, Key>([
  ["q", "quit"],
  [INTERRUPT, "quit"],
  ["\u001B[A", "up"],
  ["\u001BOA", "up"],
  ["k", "up"],
  ["\u001B[B", "down"],
  ["\u001BOB", "down"],
  ["j", "down"],
  ["\r", "open"],
  ["\n", "open"],
  ["\u001B[C", "open"],
  ["\u001BOC", "open"],
  ["\u001B", "back"],
  ["\u007F", "back"],
  ["\u001B[D", "back"],
  ["\u001BOD", "back"],
  ["r", "replay"],
]);

const ESCAPE = "\u001B";

/** A sequence as a whole: Escape, `[` or `O`, parameters, and a last character. Else one character, which Escape may be. */
function firstOf(typed: string): string {
  const isSequence = typed.startsWith(`${ESCAPE}[`) || typed.startsWith(`${ESCAPE}O`);
  if (!isSequence) return typed.slice(0, 1);
  const parameters = /^[0-9;]*/.exec(typed.slice(2))?.[0] ?? "";
  return typed.slice(0, 3 + parameters.length);
}

/** The keys among what was typed; what means nothing here is passed by. */
export function keysOf(typed: string): Key[] {
  const pressed: Key[] = [];
  for (let rest = typed; rest !== "";) {
    const part = firstOf(rest);
    const key = keys.get(part);
    if (key !== undefined) pressed.push(key);
    rest = rest.slice(part.length);
  }
  return pressed;
}
