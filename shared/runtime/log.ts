/** What a log line may carry: words of our own, ids and numbers, never a request's or an answer's content. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same logger with more fields on each line. */
  with(fields: LogFields): Logger;
  /**
   * Puts fields on each line that is written from now on with this very logger, and with what is made of it later: for what
   * is found out about a request on its way, and is to be on its last line too.
   */
  note(fields: LogFields): void;
  /** What each line carries. */
  readonly fields: LogFields;
}

// The last guard of law 8, for what a library's error text may carry into a field. Few texts have what stands before a pattern and is
// part of all that it finds; the others are not searched.
const secrets: readonly (readonly [part: string, pattern: RegExp])[] = [
  ["_secret_", /(?:pi|seti|src)_[A-Za-z0-9]+_secret_[A-Za-z0-9]+/g],
  ["k_", /(?:sk|rk|pk)_(?:test|live)_[A-Za-z0-9]+/g],
  ["sb_", /sb_(?:secret|publishable)_[\w-]+/g],
  ["whsec_", /whsec_[A-Za-z0-9+/=]+/g],
  ["bos_session_", /bos_session_(?:test|live)_[\w.-]+/g],
  // A header is short, and bounded for the same reason as an address below.
  ["eyJ", /eyJ[\w-]{1,1024}\.[\w-]+\.[\w-]*/g],
  ["", /\b\d{14,19}\b|\b\d{4}(?:[ -]\d{4}){3}\b|\b\d{4}[ -]\d{6}[ -]\d{5}\b/g],
  // Bounded as an address is (RFC 5321, 4.5.3.1), so that a long text costs no more than its length.
  ["@", /[^\s"<>@,;]{1,64}(?:@[^\s"<>@,;]{1,255})+/g],
];

/** Replaces whatever looks like a secret, a card number or an e-mail address. */
export function mask(text: string): string {
  return secrets.reduce(
    (masked, [part, pattern]) =>
      masked.includes(part) ? masked.replace(pattern, "[masked]") : masked,
    text,
  );
}

/** One JSON object a line, to the sink that the host collects. */
export function createLogger(sink: (line: string) => void, fields: LogFields = {}): Logger {
  const carried: Record<string, LogFields[string]> = { ...fields };
  const write = (level: string) => (message: string, more: LogFields = {}) => {
    const line = { time: new Date().toISOString(), level, message, ...carried, ...more };
    sink(
      JSON.stringify(
        line,
        (_key, value: unknown) => typeof value === "string" ? mask(value) : value,
      ),
    );
  };
  return {
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    with: (more) => createLogger(sink, { ...carried, ...more }),
    note: (more) => {
      Object.assign(carried, more);
    },
    fields: carried,
  };
}

/** The sink of a deployed function: the platform collects what is printed. */
export function consoleLogger(functionName: string): Logger {
  return createLogger((line) => console.log(line), { function: functionName });
}
