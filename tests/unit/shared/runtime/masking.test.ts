import { expect, it } from "vitest";
import { mask } from "../../../../shared/runtime/log.ts";
import { growth, QUADRATIC } from "../../../support/effort.ts";

const SECRET = "pi_3Nabc_secret_xYz123";

it.each([
  ["percent-encoded before it", `return_url=%3Fpayment_intent_client_secret%3D${SECRET}`],
  ["a letter before it", `x${SECRET}`],
  ["an escaped line before it", JSON.stringify(`a\n${SECRET}`)],
  ["an underscore before it", `client_secret_${SECRET}`],
])("a client secret is masked with %s", (_what, text) => {
  expect(mask(text)).not.toContain("xYz123");
});

it("a card number in groups with dashes is masked", () => {
  expect(mask("card 4242-4242-4242-4242")).not.toContain("4242-4242");
});

it("each of two e-mail addresses in one list is masked whole", () => {
  expect(mask("a@one.example,b@two.example")).not.toContain("two.example");
});

it.each([
  ["without an @", "a"],
  ["of beginnings of a JWT", "eyJ"],
  ["of beginnings of a client secret", "pi_a_"],
  ["of beginnings of a token", "bos_session_test"],
  ["of digits and dashes", "1234-"],
])("masking a long text %s takes no quadratic time", (_what, part) => {
  expect(growth(part.repeat(Math.ceil(2_000 / part.length)), mask)).toBeLessThan(QUADRATIC);
});
