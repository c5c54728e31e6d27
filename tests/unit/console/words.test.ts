import { describe, expect, it } from "vitest";
import { keysOf } from "../../../scripts/console/keys.ts";
import { columnsOf, money, printable, span } from "../../../scripts/console/words.ts";

describe("what others wrote", () => {
  it.each([
    ["a sequence that clears the screen", "before\u001B[2Jafter", "before [2Jafter"],
    ["one that sets the title", "\u001B]0;owned\u0007", " ]0;owned "],
    ["a line break that forges a line", "one\r\ntwo", "one two"],
    ["the one-character form of a sequence", "a\u009B2Jb", "a 2Jb"],
    ["text that turns the direction of writing", "a\u202Eb", "a b"],
    ["an e-mail address", "refused for jo@example.com", "refused for [masked]"],
    ["a client secret", ["pi_1", "secret", "abc"].join("_"), "[masked]"],
    ["an organization's key", ["sk", "live", "abcdefgh"].join("_"), "[masked]"],
    ["a card number", "card 4242 4242 4242 4242", "card [masked]"],
    ["nothing of a plain sentence", "card_declined, attempt 2", "card_declined, attempt 2"],
  ])("is shown without %s", (_what, text, shown) => {
    expect(printable(text)).toBe(shown);
  });
});

it.each([
  [2900, "usd", "29.00 USD"],
  [500, "jpy", "500 JPY"],
  [1500, "kwd", "1.500 KWD"],
  [0, "eur", "0.00 EUR"],
])("%i of %s are written with the currency's own decimals", (amount, currency, written) => {
  expect(money(amount, currency)).toBe(written);
});

it.each([[0, "0s"], [119, "119s"], [120, "2m"], [7_200, "2h"], [172_800, "2d"], [-5, "0s"]])(
  "%i seconds are said in the largest unit that fits",
  (seconds, said) => {
    expect(span(seconds)).toBe(said);
  },
);

it("rows stand under each other", () => {
  expect(columnsOf([["a", "b"], ["long", "c"]])).toEqual(["a     b", "long  c"]);
});

describe("a key", () => {
  it.each([
    ["q", ["quit"]],
    ["\u0003", ["quit"]],
    ["\u001B[A", ["up"]],
    ["\u001BOB", ["down"]],
    ["\u001B", ["back"]],
    ["\r", ["open"]],
    ["x\r", ["open"]],
    ["\u001B[B\u001B[Bq", ["down", "down", "quit"]],
    ["\u001B[5~", []],
    ["\u001B[1;5A", []],
    ["x", []],
    ["", []],
  ])("%j is %j", (typed, pressed) => {
    expect(keysOf(typed)).toEqual(pressed);
  });
});
