/** One membership of a socket in a topic, from its join to its close. */
import type { AuthorizationContext, Extension } from "./authorization.ts";
import type { Member } from "./hub.ts";
import type { JoinRequest } from "./join.ts";
import type { InboundFrame, Payload, Version } from "./protocol.ts";
import { Refusal, unreadable } from "./refusal.ts";
import type { ServerContext } from "./server-context.ts";
import type { Claims } from "./tokens.ts";

/** What a channel needs of the socket that it belongs to. */
export interface ChannelSocket {
  readonly version: Version;
  readonly headers: Readonly<Record<string, string>>;
  /** The token that opened the socket: in force where a client shows no JWT of its own. */
  readonly token: string;
  send(data: string | Buffer): void;
  push(channel: Channel, event: string, payload: Payload): void;
  reply(frame: InboundFrame, status: "ok" | "error", response: Payload): void;
  /** Runs after all that the client sent before. */
  enqueue(work: () => Promise<void>): void;
  /** Sends `phx_close` and forgets the channel. */
  closed(channel: Channel): void;
}

/** A token valid for longer is looked at again after this time; timers cannot wait for ever. */
const longestConfirmation = 60 * 60 * 1000;

export class Channel implements Member {
  readonly topic: string;
  readonly joinRef: string | null;
  readonly private: boolean;
  readonly version: Version;
  readonly #server: ServerContext;
  readonly #socket: ChannelSocket;
  readonly #request: JoinRequest;
  #token: string;
  #claims: Claims | undefined;
  #readable: ReadonlySet<Extension> = new Set();
  /** Asked at the first broadcast under each token. */
  #writable: boolean | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #going: NodeJS.Timeout | undefined;
  #open = true;

  constructor(
    server: ServerContext,
    socket: ChannelSocket,
    frame: InboundFrame,
    request: JoinRequest,
  ) {
    this.topic = frame.topic;
    this.joinRef = frame.joinRef;
    this.private = request.private;
    this.version = socket.version;
    this.#server = server;
    this.#socket = socket;
    this.#request = request;
    const shown = request.accessToken;
    this.#token = shown === undefined || shown.startsWith("sb_") ? socket.token : shown;
  }

  get name(): string {
    return this.topic.slice("realtime:".length);
  }

  /** Checks the token and, on a private topic, the read policies. Throws Refusal. */
  async authorize(): Promise<void> {
    const claims = await this.#server.verifyToken(this.#token);
    this.#claims = claims;
    this.#writable = undefined;
    await this.#server.authorizer.provision();
    if (this.private) {
      const readable = await this.#server.authorizer.readable(
        this.#authorization(claims),
        this.#request.presence ? ["broadcast", "presence"] : ["broadcast"],
      );
      if (readable.size === 0) throw unreadable(this.name);
      this.#readable = readable;
    }
    this.#confirmAt(claims.exp);
  }

  /** Starts delivery, a little after the join has been answered. */
  goLive(): void {
    this.#going = setTimeout(() => {
      this.#server.hub.add(this);
      if (this.#request.presence && (!this.private || this.#readable.has("presence"))) {
        this.#socket.push(this, "presence_state", {});
      }
      if (this.#request.postgresChanges.length > 0) {
        this.#system(
          "postgres_changes",
          "error",
          "Postgres Changes are not served by this stand-in",
        );
      }
      if (this.#request.replicationReady) void this.#announceReplication();
    }, this.#server.limits.liveDelayMs);
  }

  mayRead(): boolean {
    return !this.private || this.#readable.has("broadcast");
  }

  send(data: string | Buffer): void {
    this.#socket.send(data);
  }

  /** An event that the client sent on this channel, other than `phx_join` and `phx_leave`. */
  async receive(frame: InboundFrame): Promise<void> {
    if (!this.#open) return;
    if (frame.event === "broadcast") return this.#broadcast(frame);
    if (frame.event === "access_token") return this.#refresh(frame.payload["access_token"]);
    if (frame.event === "presence") {
      this.#socket.reply(frame, "error", { reason: "Presence is not kept by this stand-in" });
    }
  }

  /** Stops delivery without a word to the client. */
  detach(): void {
    this.#open = false;
    clearTimeout(this.#expiry);
    clearTimeout(this.#going);
    this.#server.hub.remove(this);
  }

  /** Ends the channel, telling the client why. */
  shutDown(reason: string): void {
    if (!this.#open) return;
    this.#system("system", "error", reason);
    this.detach();
    this.#socket.closed(this);
  }

  async #broadcast(frame: InboundFrame): Promise<void> {
    if (this.private) {
      try {
        this.#writable ??= await this.#mayWrite();
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return;
      }
      // As the real server: no answer, even where the client asked for one.
      if (!this.#writable) return;
    }
    const { userBroadcast } = frame;
    this.#server.hub.deliver(
      this.topic,
      this.private,
      userBroadcast === undefined ? { json: frame.payload } : { binary: userBroadcast },
      this.#request.selfBroadcast ? undefined : this,
    );
    if (this.#request.ackBroadcast) this.#socket.reply(frame, "ok", {});
  }

  #mayWrite(): Promise<boolean> {
    const claims = this.#claims;
    return claims === undefined
      ? Promise.resolve(false)
      : this.#server.authorizer.writable(this.#authorization(claims));
  }

  /** A client renews its token: what the new one may not read ends, and never answers. */
  async #refresh(token: unknown): Promise<void> {
    if (typeof token !== "string" || token.startsWith("sb_") || token === this.#token) return;
    const before = this.#readable;
    this.#token = token;
    await this.#confirm();
    if (this.#open && [...before].some((extension) => !this.#readable.has(extension))) {
      this.shutDown(`You no longer have permission to read from this Channel topic: ${this.name}`);
    }
  }

  #confirmAt(exp: number): void {
    clearTimeout(this.#expiry);
    const wait = Math.min(Math.max(exp * 1000 - Date.now(), 20), longestConfirmation);
    this.#expiry = setTimeout(() => {
      this.#socket.enqueue(async () => {
        if (!this.#open) return;
        try {
          this.#confirmAt((await this.#server.verifyToken(this.#token)).exp);
        } catch (error) {
          this.#refused(error);
        }
      });
    }, wait);
  }

  async #confirm(): Promise<void> {
    try {
      await this.authorize();
    } catch (error) {
      this.#refused(error);
    }
  }

  #refused(error: unknown): void {
    if (!(error instanceof Refusal)) throw error;
    this.shutDown(error.detail);
  }

  async #announceReplication(): Promise<void> {
    try {
      await this.#server.replication.live(this.#server.limits.replicationReadyTimeoutMs);
      if (this.#open) this.#system("system", "ok", "Replication connection established");
    } catch {
      this.shutDown("Replication connection was not established in time");
    }
  }

  #system(extension: string, status: "ok" | "error", message: string): void {
    this.#socket.push(this, "system", { extension, status, message, channel: this.name });
  }

  #authorization(claims: Claims): AuthorizationContext {
    return { topic: this.name, claims, headers: this.#socket.headers };
  }
}
