import type { SessionCaller } from "../domain/caller.ts";
import { present } from "../runtime/present.ts";

/** A caller as the SQL functions take one. */
export const callerArguments = ({ tokenId, livemode, userId }: SessionCaller) => ({
  p_token_id: tokenId,
  ...present({ p_livemode: livemode, p_user_id: userId }),
});
