import { describe, expect, it } from "vitest";
import { openRaces } from "./races.ts";
import { beginArguments, newToken, untilBlocked } from "./support.ts";

const { first, second, owner, observer, keyDigest, race } = await openRaces();

describe("session tokens", () => {
  it("open nothing once they are being revoked", async () => {
    const tokenId = await newToken(first, keyDigest);
    const [, begun] = await race(
      (connection) =>
        connection.call("revoke_session_token", {
          p_key_digest: keyDigest,
          p_token_id: tokenId,
          p_livemode: false,
        }),
      (connection) => connection.call("begin_checkout", beginArguments(tokenId)),
      "begin_checkout",
    );
    expect(begun).toEqual({ outcome: "unauthorized" });
  });

  it("are issued by no key that is being revoked", async () => {
    await owner.rows("begin");
    await owner.rows("update billing.api_keys set revoked_at = now() where digest = $1", [
      keyDigest,
    ]);
    const issuing = newToken(second, keyDigest);
    try {
      await untilBlocked(observer, "issue_session_token");
    } finally {
      await owner.rows("commit");
    }
    const tokenId = await issuing;
    const tokens = await first.rows("select 1 from billing.session_tokens where id = $1", [
      tokenId,
    ]);
    expect(tokens).toEqual([]);
    await owner.rows("update billing.api_keys set revoked_at = null where digest = $1", [
      keyDigest,
    ]);
  });
});
