import * as z from "zod";
import type { Payload } from "./protocol.ts";

/** What a client asks for when it joins; what it sends in a wrong shape counts as not sent. */
export interface JoinRequest {
  readonly private: boolean;
  readonly accessToken: string | undefined;
  /** Deliver a client's broadcasts to itself too. */
  readonly selfBroadcast: boolean;
  /** Answer a client's broadcasts. */
  readonly ackBroadcast: boolean;
  /** Say over a `system` event when database broadcasts flow. */
  readonly replicationReady: boolean;
  readonly presence: boolean;
  readonly postgresChanges: readonly Payload[];
}

const flag = z.boolean().catch(false);
const join = z.object({
  access_token: z.string().optional().catch(undefined),
  user_token: z.string().optional().catch(undefined),
  config: z.object({
    private: flag,
    broadcast: z.object({ self: flag, ack: flag, replication_ready: flag }).partial().catch({}),
    presence: z.object({ enabled: flag }).partial().catch({}),
    postgres_changes: z.array(z.record(z.string(), z.unknown())).catch([]),
  }).partial().catch({}),
}).partial();

export function parseJoin(payload: Payload): JoinRequest {
  const { config = {}, access_token, user_token } = join.parse(payload);
  return {
    private: config.private ?? false,
    accessToken: user_token ?? access_token,
    selfBroadcast: config.broadcast?.self ?? false,
    ackBroadcast: config.broadcast?.ack ?? false,
    replicationReady: config.broadcast?.replication_ready ?? false,
    presence: config.presence?.enabled ?? false,
    postgresChanges: config.postgres_changes ?? [],
  };
}
