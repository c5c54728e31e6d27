import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { operatorConsole } from "../../scripts/console.ts";
import type { Tty } from "../../scripts/tty.ts";
import { openDatabase, openSession, openShop, receive } from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
const { sessionId } = await openSession(service, keyDigest);

const DOWN = "\u001B[B";
const LEFT = "\u001B[D";

/** A terminal that somebody sits at, and the console at work on it. */
function sitDown(size = { columns: 200, rows: 60 }) {
  let written = "";
  let type: ((text: string) => void) | undefined;
  const heard: { looks: (() => void)[] } = { looks: [] };
  const tty: Tty = {
    size: () => size,
    listen: (typed) => {
      type = typed;
      return () => {
        type = undefined;
      };
    },
    write: (text) => {
      written += text;
      for (const look of heard.looks) look();
    },
  };
  const errors: string[] = [];
  const ended = operatorConsole({
    argv: [],
    env: { DATABASE_URL: database.databaseUrl },
    out: (line) => {
      written += line;
    },
    err: (line) => errors.push(line),
    tty,
  });
  /** What is on the screen: all since it was last drawn from the top. */
  const screen = () => written.slice(written.lastIndexOf("\u001B[H"));
  return {
    ended,
    errors,
    screen,
    all: () => written,
    listens: () => type !== undefined,
    press: (keys: string) => type?.(keys),
    /** Waits until the screen is as described; the file's own timeout ends what never is. */
    until: (isSo: (shown: string) => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!isSo(screen())) return;
          heard.looks = heard.looks.filter((one) => one !== look);
          resolve();
        };
        heard.looks.push(look);
        look();
      }),
  };
}

describe("the console at a terminal", () => {
  it.each([["q", "q"], ["Ctrl-C", "\u0003"]])(
    "is ended by %s with exit code 0, and gives the terminal back",
    async (_name, key) => {
      const desk = sitDown();
      await desk.until((shown) => shown.includes(sessionId));
      desk.press(key);
      expect(await desk.ended).toBe(0);
      expect(desk.listens()).toBe(false);
      expect(desk.all().startsWith("\u001B[?1049h")).toBe(true);
      expect(desk.all().endsWith("\u001B[?25h\u001B[?1049l")).toBe(true);
    },
  );

  it("opens the session that was chosen, and goes back", async () => {
    const desk = sitDown();
    await desk.until((shown) => shown.includes(sessionId));
    desk.press(DOWN);
    await desk.until((shown) => shown.includes("\u001B[7m"));
    desk.press("\r");
    await desk.until((shown) => shown.includes("opened: standard"));
    desk.press(LEFT);
    await desk.until((shown) => shown.includes("live sessions: 1"));
    desk.press("q");
    expect(await desk.ended).toBe(0);
  });

  it("gives a dead event to the next run, and says so", async () => {
    const { eventId } = await receive(service, "evt_dead");
    await service.call("fail_event", { p_event_id: eventId, p_error: "x", p_max_attempts: 1 });
    const desk = sitDown();
    await desk.until((shown) => shown.includes("dead events: 1"));
    desk.press(DOWN);
    await desk.until((shown) =>
      shown.split("\r\n").some((line) => line.startsWith("\u001B[7m") && line.includes("evt_dead"))
    );
    desk.press("r");
    await desk.until((shown) =>
      shown.includes("evt_dead is due again") && shown.includes("dead events: 0")
    );
    const { status } = await service.row<{ status: string }>(
      "select status from billing.webhook_events where stripe_event_id = 'evt_dead'",
    );
    expect(status).toBe("received");
    desk.press("q");
    expect(await desk.ended).toBe(0);
  });

  it("survives a connection that is lost: it says so, and shows what is newer once it has another", async () => {
    const desk = sitDown();
    await desk.until((shown) => shown.includes("live sessions: 1"));
    const locked = await database.owner();
    // While the table is locked a question is under way, and its connection is ended with it.
    await locked.rows("begin");
    await locked.rows("lock table billing.checkout_sessions in access exclusive mode");
    const waiting =
      `from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
       and wait_event_type = 'Lock' and query like '%checkout_sessions%'`;
    for (let ended = 0; ended === 0;) {
      const rows = await owner.rows(`select pg_terminate_backend(pid) ${waiting}`);
      ended = rows.length;
    }
    await desk.until((shown) => shown.includes("trying again") && shown.includes(sessionId));
    await locked.rows("rollback");
    const { sessionId: newer } = await openSession(service, keyDigest);
    await desk.until((shown) => shown.includes(newer) && !shown.includes("trying again"));
    desk.press("q");
    expect(await desk.ended).toBe(0);
    expect(desk.errors).toEqual([]);
  });

  it("is ended by q also while an answer does not come", async () => {
    const desk = sitDown();
    await desk.until((shown) => shown.includes(sessionId));
    const locked = await database.owner();
    await locked.rows("begin");
    await locked.rows("lock table billing.checkout_sessions in access exclusive mode");
    desk.press("q");
    expect(await desk.ended).toBe(0);
    await locked.rows("rollback");
  });

  it("writes no line that is wider than the terminal, and no more lines than it has", async () => {
    const desk = sitDown({ columns: 30, rows: 8 });
    await desk.until((shown) => shown.includes("quits") || shown.includes("arrows choose"));
    const lines = stripVTControlCharacters(desk.screen()).split("\r\n");
    expect(lines.length).toBeLessThanOrEqual(8);
    expect(lines.filter((line) => line.length > 30)).toEqual([]);
    desk.press("q");
    expect(await desk.ended).toBe(0);
  });
});
