/** What a terminal can draw. */
export interface Ink {
  readonly unicode: boolean;
}

const BLOCKS = "▁▂▃▄▅▆▇█";
const LETTERS = "_.-:=+*#";

/** Whether the terminal shows more than ASCII: by the locale, as POSIX orders its variables, and not on a bare console. */
export function inkOf(env: Readonly<Record<string, string | undefined>>): Ink {
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((value) => value) ?? "";
  const bare = ["linux", "dumb"].includes(env["TERM"] ?? "");
  return { unicode: /utf-?8/i.test(locale) && !bare };
}

/** A column for each value, as high as its share of the highest; nothing at all is a blank, and not the lowest column. */
export function sparkline(values: readonly number[], { unicode }: Ink): string {
  const steps = unicode ? BLOCKS : LETTERS;
  const top = Math.max(0, ...values);
  return values.map((value) => {
    if (!(value > 0)) return " ";
    const step = Math.ceil((value / top) * steps.length) - 1;
    return steps[Math.max(0, step)] ?? " ";
  }).join("");
}

/** A bar as long as the value's share of `top`; whatever is there at all is seen. */
export function bar(value: number, top: number, width: number, { unicode }: Ink): string {
  if (!(value > 0) || !(top > 0)) return "";
  const length = Math.max(1, Math.round((Math.min(value, top) / top) * width));
  return (unicode ? "█" : "#").repeat(length);
}
