import type { Authorizer } from "./authorization.ts";
import type { Hub } from "./hub.ts";
import type { Replication } from "./replication.ts";
import type { VerifyToken } from "./tokens.ts";

/** What every socket and channel of one server shares. */
export interface ServerContext {
  readonly hub: Hub;
  readonly authorizer: Authorizer;
  readonly replication: Replication;
  readonly verifyToken: VerifyToken;
  readonly limits: Limits;
}

export interface Limits {
  /** Whether channels joined without `private: true` are accepted. */
  readonly allowPublic: boolean;
  /** From the answer to a join until messages reach it, milliseconds. */
  readonly liveDelayMs: number;
  /** Largest frame or request body, bytes. */
  readonly maxMessageBytes: number;
  readonly maxChannelsPerSocket: number;
  readonly maxMessagesPerSecond: number;
  /** A socket silent for so long is dropped, milliseconds; clients send a heartbeat every 25 s. */
  readonly idleTimeoutMs: number;
  /** How long a join that asked for `replication_ready` waits for it, milliseconds. */
  readonly replicationReadyTimeoutMs: number;
}
