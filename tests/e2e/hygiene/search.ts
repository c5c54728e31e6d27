/** Something that must stand nowhere, and what it is. Its text is never printed. */
export interface Wanted {
  readonly what: string;
  readonly test: (text: string) => boolean;
}

const pattern = (what: string, expression: RegExp): Wanted => ({
  what,
  test: (text) => expression.test(text),
});

/** A value that is known, with a tail long enough to be its own. */
export const exactly = (what: string, value: string): Wanted => {
  if (value.length < 8) throw new Error(`the ${what} is too short to be searched for`);
  return { what, test: (text) => text.includes(value) };
};

/** Whatever has the form of a secret. */
export const secretForms: readonly Wanted[] = [
  pattern("a client secret", /[a-z]+_[A-Za-z0-9]+_secret_[A-Za-z0-9]{8}/),
  pattern("a secret key", /\b[sr]k_(?:test|live)_[A-Za-z0-9]{16}/),
  pattern("a webhook secret", /whsec_[A-Za-z0-9+/=]{8}/),
  pattern("a key of the project", /sb_secret_[\w-]{8}/),
  pattern("a session token", /bos_session_(?:test|live)_[\w-]{8}/),
  pattern("a JWT", /eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/),
  { what: "a card number", test: (text) => cardNumbers(text).length > 0 },
];

/** Shows an invoice, with whom it is for, to whoever has the link. */
export const invoicePage: Wanted = pattern(
  "a link to an invoice",
  /"(?:hosted_invoice_url|invoice_pdf|receipt_url)": ?"/,
);

export const emailForm: Wanted = pattern(
  "an e-mail address",
  /[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*\.[a-z]{2,}/i,
);

/** Runs of digits of a card's length and range whose check digit holds (ISO/IEC 7812-1). */
export function cardNumbers(text: string): string[] {
  const runs = text.match(/(?<![\w.-])[3-6](?:[ -]?\d){13,18}(?![\w.-])/g) ?? [];
  return runs.filter((run) => {
    const digits = Array.from(run.replace(/\D/g, ""), Number).toReversed();
    const sum = digits.reduce((total, digit, index) => {
      const doubled = index % 2 === 1 ? digit * 2 : digit;
      return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
    return sum % 10 === 0;
  });
}

/** Where something stands that must not: the place and the kind, without the text itself. */
export function found(
  places: Iterable<readonly [place: string, text: string]>,
  wanted: readonly Wanted[],
): string[] {
  const where = new Set<string>();
  for (const [place, text] of places) {
    for (const { what, test } of wanted) if (test(text)) where.add(`${what} in ${place}`);
  }
  return [...where].toSorted();
}
