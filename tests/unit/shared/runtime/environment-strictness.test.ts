import { describe, expect, it } from "vitest";
import {
  allowedOrigins,
  databaseEnvironment,
  EnvironmentError,
  tokenKeys,
} from "../../../../shared/runtime/environment.ts";
import { sessionTokens } from "../../../../shared/tokens/session-token.ts";
import { environment, given, KEY, OTHER_KEY } from "../support/environment.ts";
const set = (...keys: object[]) => given("CHECKOUT_TOKEN_KEYS", JSON.stringify({ keys }));
describe("CHECKOUT_TOKEN_KEYS", () => {
  it("refuses two keys of one kid: the second would take the first's place", () => {
    expect(() =>
      tokenKeys(set({ kty: "oct", kid: "a", k: KEY }, { kty: "oct", kid: "a", k: OTHER_KEY }))
    ).toThrow(EnvironmentError);
  });
  it("refuses a key of an impossible length", () => {
    expect(() => sessionTokens(tokenKeys(set({ kty: "oct", kid: "a", k: `${KEY}AA` })))).toThrow(
      EnvironmentError,
    );
  });
});
it.each([
  "https://app.example.com/",
  "https://app.example.com/path",
  "https://APP.example.com",
  "https://app.example.com:443",
  "https://*.example.com",
  "https://u:p@app.example.com",
  "capacitor://localhost/",
  "tauri://localhost/index.html",
  "tauri://LOCALHOST",
  "Tauri://localhost",
  "tauri://u@localhost",
  "tauri://*",
  "tauri:localhost",
  "tauri://",
  "file://localhost",
  "data://localhost",
  "javascript://localhost",
])(
  "CHECKOUT_ALLOWED_ORIGINS refuses what no browser sends as an origin: %s",
  (value) => {
    expect(() => allowedOrigins(given("CHECKOUT_ALLOWED_ORIGINS", value))).toThrow(
      EnvironmentError,
    );
  },
);
it.each([" ", "sb_secret_x\n", " sb_secret_x"])(
  "SUPABASE_SECRET_KEYS refuses or trims white space: %j",
  (value) => {
    const record = { ...environment, SUPABASE_SECRET_KEYS: JSON.stringify({ default: value }) };
    let key = "refused";
    try {
      key = databaseEnvironment(record).secretKey;
    } catch { /* refused */ }
    expect(key).toBe(key.trim() || "refused");
  },
);
