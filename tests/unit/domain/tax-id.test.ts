import { describe, expect, it } from "vitest";
import { taxIdOf } from "../../../shared/domain/tax-id.ts";

describe("a tax id", () => {
  it.each([
    ["DE123456789", "DE", "eu_vat", "DE123456789"],
    ["de 123 456 789", undefined, "eu_vat", "DE123456789"],
    ["EL123456789", "GR", "eu_vat", "EL123456789"],
    ["NL123456789B01", "NL", "eu_vat", "NL123456789B01"],
    ["XI123456789", "GB", "eu_vat", "XI123456789"],
    ["GB 123 4567 89", "GB", "gb_vat", "GB123456789"],
    ["CHE-123.456.789 MWST", "CH", "ch_vat", "CHE123456789MWST"],
    ["123456789MVA", "NO", "no_vat", "123456789MVA"],
    ["12 345 678 901", "AU", "au_abn", "12345678901"],
    ["12-3456789", "US", "us_ein", "123456789"],
    ["T1234567890123", "JP", "jp_trn", "T1234567890123"],
    ["123456789RT0001", "CA", "ca_gst_hst", "123456789RT0001"],
  ])("%s in %s is of kind %s", (text, country, type, value) => {
    expect(taxIdOf(text, country)).toEqual({ type, value });
  });

  it.each([
    ["a bare number without a country", "12345678901", undefined],
    ["a number of another country's form", "12345678901", "US"],
    ["a prefix alone", "DE", "DE"],
    ["a country that no table has", "123456789", "ZZ"],
    ["nothing but separators", " .-/", "US"],
    ["a prefix that is no country of the union", "YY123456789", "DE"],
    ["a property of every object", "123456789", "constructor"],
  ])("is not told of %s", (_what, text, country) => {
    expect(taxIdOf(text, country)).toBeUndefined();
  });
});
