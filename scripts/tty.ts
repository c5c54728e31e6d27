/** A terminal that a person sits at. */
export interface Tty {
  /** Hears what is typed, as the terminal sends it, and not as lines; what is answered gives the terminal back. */
  readonly listen: (typed: (text: string) => void) => () => void;
  readonly write: (text: string) => void;
  readonly size: () => { readonly columns: number; readonly rows: number };
}

/** What Ctrl-C sends where the terminal makes no signal of it. */
export const INTERRUPT = "\u0003";

/** A process that is told to end must leave the terminal as it was, so it ends as if somebody had typed it. */
const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** This process's own, undefined where its input or its output is none. */
export function processTty(
  { stdin, stdout }: Pick<NodeJS.Process, "stdin" | "stdout">,
): Tty | undefined {
  if (!stdin.isTTY || !stdout.isTTY) return undefined;
  return {
    listen(typed) {
      const hear = (chunk: Buffer | string) => typed(chunk.toString());
      const end = () => typed(INTERRUPT);
      for (const signal of endings) process.once(signal, end);
      stdin.setRawMode(true).on("data", hear).resume();
      return () => {
        stdin.setRawMode(false).off("data", hear).pause();
        for (const signal of endings) process.off(signal, end);
      };
    },
    write: (text) => {
      stdout.write(text);
    },
    // A serial line has no size to tell.
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
  };
}
