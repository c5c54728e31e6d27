import { digestKeyCheck, storedDigestKeyCheck } from "../../keys/digest-key.ts";
import { check, told } from "../check.ts";

export interface DigestKeyReading {
  /** Undefined where no organization key was made yet. */
  readonly stored: string | undefined;
  readonly own: string;
  /** What the functions' key is to the stored one; undefined where they do not tell. */
  readonly there: "matches" | "differs" | "unused" | undefined;
}

/** Whether the digest key opens the organization keys, here and in the functions. */
export const digestKey = check({
  name: "digest-key",
  findings: {
    "differs-here": {
      severity: "failure",
      fix:
        "set CHECKOUT_DIGEST_KEY to the key that the functions have, before anything is made with it",
    },
    "differs-there": {
      severity: "failure",
      fix:
        "give the functions the old CHECKOUT_DIGEST_KEY back; if it is lost, make new organization keys with `npm run keys -- create --new-digest-key`",
    },
  },
  read: async ({ client, settings, health }): Promise<DigestKeyReading> => ({
    stored: await storedDigestKeyCheck(client),
    own: digestKeyCheck(settings.digestKey),
    there: (await health()).health?.facts?.digestKey,
  }),
  judge: ({ stored, own, there }: DigestKeyReading) =>
    told(
      [
        stored !== undefined && stored !== own,
        "differs-here",
        "CHECKOUT_DIGEST_KEY is not the key that this project's organization keys were made with",
      ],
      [
        there === "differs",
        "differs-there",
        "the functions' CHECKOUT_DIGEST_KEY opens no organization key: every call with one is refused",
      ],
    ),
});
