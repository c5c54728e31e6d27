/**
 * Why a join is refused or a channel closed, in the real server's words, since clients match on them:
 * a join is answered with `{ reason: "<code>: <detail>" }`, a closed channel gets the detail alone.
 */
export class Refusal extends Error {
  readonly code: string;
  readonly detail: string;

  constructor(code: string, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail;
  }
}

export const unreadable = (topic: string): Refusal =>
  new Refusal(
    "Unauthorized",
    `You do not have permissions to read from this Channel topic: ${topic}`,
  );
