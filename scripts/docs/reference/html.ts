/** HTML that is put together of what is HTML already and of text, which is escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | undefined | readonly Part[];

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (sign) => escapes[sign] ?? sign);

function textOf(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(textOf).join("");
  return escaped(String(part));
}

/** A template whose holes hold text, HTML or lists of these. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(texts.map((text, at) => text + textOf(parts[at])).join(""));

/** Words in which backticks are code. */
export const inline = (text: string): Html =>
  new Html(escaped(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>"));

/** The same in a paragraph; lines that begin with a hyphen are a list. */
export function prose(text: string): Html {
  const lines = text.split("\n");
  return lines.every((one) => one.startsWith("- "))
    ? html`<ul>${lines.map((one) => html`<li>${inline(one.slice(2))}</li>`)}</ul>`
    : html`<p>${lines.map(inline)}</p>`;
}
