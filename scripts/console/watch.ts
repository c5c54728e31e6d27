import { setTimeout as sleep } from "node:timers/promises";
import type { Tty } from "../tty.ts";
import { type Key, keysOf } from "./keys.ts";
import type { Item, Row } from "./screen.ts";
import { printable } from "./words.ts";

/** What is looked at, as rows ready to be shown; each may fail, and is asked again. */
export interface Source {
  readonly overview: () => Promise<Row[]>;
  readonly session: (id: string) => Promise<Row[]>;
  /** Answers what came of it. */
  readonly replay: (eventId: string) => Promise<string>;
}

interface View {
  /** The session whose timeline is looked at; else the overview. */
  readonly session: string | undefined;
  readonly rows: readonly Row[];
  /** What is chosen, by what it is: the list may move under it. */
  readonly chosen: Item | undefined;
  /** Lines of a timeline that are above the screen. */
  readonly scrolled: number;
  readonly notice: string;
  readonly asked: "nothing" | "look" | "quit" | { readonly replay: string };
}

// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html: the other screen and no cursor, and back; from the top, and what is left.
const ENTER = "\u001B[?1049h\u001B[?25l";
const LEAVE = "\u001B[?25h\u001B[?1049l";
const HOME = "\u001B[H";
const REST_OF_LINE = "\u001B[K";
const REST_OF_SCREEN = "\u001B[J";
const REVERSED = "\u001B[7m";
const PLAIN = "\u001B[0m";

const HELP = {
  overview: "arrows choose, enter opens a session, r replays a dead event, q quits",
  session: "arrows scroll, left goes back, q quits",
};

const isSame = (one: Item | undefined, other: Item | undefined): boolean =>
  one !== undefined && one.kind === other?.kind && one.id === other.id;

/** What a key does to what is looked at. */
export function pressed(view: View, key: Key): View {
  if (key === "quit") return { ...view, asked: "quit" };
  const step = key === "up" ? -1 : 1;
  if (view.session !== undefined) {
    if (key === "back") {
      return { ...view, session: undefined, rows: [], scrolled: 0, asked: "look" };
    }
    if (key !== "up" && key !== "down") return view;
    const scrolled = Math.min(Math.max(0, view.scrolled + step), Math.max(0, view.rows.length - 1));
    return { ...view, scrolled };
  }
  const items = view.rows.flatMap(({ item }) => item ?? []);
  const at = items.findIndex((item) => isSame(item, view.chosen));
  if (key === "up" || key === "down") {
    const next = at < 0 ? 0 : Math.min(Math.max(0, at + step), items.length - 1);
    return { ...view, chosen: items[next] };
  }
  const { chosen } = view;
  if (at < 0 || chosen === undefined) return view;
  if (key === "open" && chosen.kind === "session") {
    return { ...view, session: chosen.id, rows: [], scrolled: 0, asked: "look" };
  }
  if (key === "replay" && chosen.kind === "event") return { ...view, asked: { replay: chosen.id } };
  return view;
}

/** The screen as one text. Longer lines are cut: a line that wraps would move all below it. */
function drawn(view: View, { columns, rows }: ReturnType<Tty["size"]>): string {
  const room = Math.max(1, rows - 2);
  const chosenAt = view.rows.findIndex(({ item }) => isSame(item, view.chosen));
  const from = view.session === undefined ? Math.max(0, chosenAt - room + 1) : view.scrolled;
  const shown = view.rows.slice(from, from + room).map(({ text, item }) => {
    const cut = text.slice(0, columns);
    return view.session === undefined && isSame(item, view.chosen)
      ? `${REVERSED}${cut}${PLAIN}`
      : cut;
  });
  const help = view.session === undefined ? HELP.overview : HELP.session;
  const lines = [printable(view.notice).slice(0, columns), ...shown];
  return HOME + lines.map((line) => `${line}${REST_OF_LINE}\r\n`).join("") + REST_OF_SCREEN +
    help.slice(0, columns);
}

/**
 * Shows the overview or a session's timeline until somebody quits, read anew every so many seconds. What cannot be read is said on the
 * first line, with what was read last below it, and asked for again. The terminal is given back as it was, however this ends.
 */
export async function watch(tty: Tty, source: Source, seconds = 2): Promise<void> {
  let view: View = {
    session: undefined,
    rows: [],
    chosen: undefined,
    scrolled: 0,
    notice: "reading",
    asked: "nothing",
  };
  let wake: (() => void) | undefined;
  const draw = () => tty.write(drawn(view, tty.size()));
  const isQuit = () => view.asked === "quit";
  /** Until a key asks for something, which may have been before. */
  const woken = () =>
    new Promise<void>((resolve) => {
      if (view.asked === "nothing") wake = resolve;
      else resolve();
    });

  const look = async (): Promise<void> => {
    const { session } = view;
    try {
      const rows = await (session === undefined ? source.overview() : source.session(session));
      // Somebody may have gone elsewhere meanwhile.
      if (view.session === session) view = { ...view, rows, notice: "" };
    } catch (error) {
      const why = error instanceof Error ? error.message : "no answer";
      view = { ...view, notice: `not read: ${why}; trying again` };
    }
  };
  const replay = async (id: string): Promise<void> => {
    const told = await source.replay(id).catch((error: unknown) =>
      `not replayed: ${error instanceof Error ? error.message : "no answer"}`
    );
    await look();
    view = { ...view, notice: told };
  };

  const stop = tty.listen((typed) => {
    for (const key of keysOf(typed)) if (!isQuit()) view = pressed(view, key);
    draw();
    if (view.asked !== "nothing") wake?.();
  });
  tty.write(ENTER);
  try {
    while (!isQuit()) {
      const { asked } = view;
      view = { ...view, asked: "nothing" };
      await Promise.race([typeof asked === "object" ? replay(asked.replay) : look(), woken()]);
      draw();
      const pause = new AbortController();
      await Promise.race([sleep(seconds * 1_000, undefined, { signal: pause.signal }), woken()]);
      pause.abort();
    }
  } finally {
    stop();
    tty.write(LEAVE);
  }
}
