/** One WebSocket: reads its frames in order and keeps its channels. */
import type { RawData, WebSocket } from "ws";
import { Channel, type ChannelSocket } from "./channel.ts";
import { parseJoin } from "./join.ts";
import {
  decodeBinary,
  decodeText,
  encode,
  type InboundFrame,
  type Payload,
  type Version,
} from "./protocol.ts";
import { Refusal } from "./refusal.ts";
import type { ServerContext } from "./server-context.ts";

export interface Handshake {
  readonly version: Version;
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
}

const internalError = 1011;

export class RealtimeSocket implements ChannelSocket {
  readonly version: Version;
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly #server: ServerContext;
  readonly #connection: WebSocket;
  readonly #channels = new Map<string, Channel>();
  /** Frames are handled one after another, as an authorization may take a while. */
  #work: Promise<void> = Promise.resolve();
  readonly #idle: NodeJS.Timeout;
  #second = 0;
  #messagesThisSecond = 0;

  constructor(server: ServerContext, connection: WebSocket, handshake: Handshake) {
    this.version = handshake.version;
    this.token = handshake.token;
    this.headers = handshake.headers;
    this.#server = server;
    this.#connection = connection;
    this.#idle = setTimeout(() => connection.terminate(), server.limits.idleTimeoutMs);
  }

  listen(): void {
    const connection = this.#connection;
    connection.on("error", () => connection.terminate());
    connection.on("message", (data, isBinary) => {
      this.#idle.refresh();
      this.enqueue(() => this.#receive(data, isBinary));
    });
    connection.on("close", () => {
      clearTimeout(this.#idle);
      for (const channel of this.#channels.values()) channel.detach();
      this.#channels.clear();
    });
  }

  enqueue(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch(() => this.#connection.close(internalError));
  }

  send(data: string | Buffer): void {
    if (this.#connection.readyState === this.#connection.OPEN) this.#connection.send(data);
  }

  push(channel: Channel, event: string, payload: Payload): void {
    const { joinRef, topic } = channel;
    this.send(encode(this.version, { joinRef, ref: null, topic, event, payload }));
  }

  reply(frame: InboundFrame, status: "ok" | "error", response: Payload): void {
    const { joinRef, ref, topic } = frame;
    const payload = { status, response };
    this.send(encode(this.version, { joinRef, ref, topic, event: "phx_reply", payload }));
  }

  closed(channel: Channel): void {
    const { joinRef, topic } = channel;
    if (this.#channels.get(topic) === channel) this.#channels.delete(topic);
    this.send(
      encode(this.version, { joinRef, ref: joinRef, topic, event: "phx_close", payload: {} }),
    );
  }

  async #receive(data: RawData, isBinary: boolean): Promise<void> {
    if (this.#connection.readyState !== this.#connection.OPEN) return;
    const bytes = toBuffer(data);
    const frame = isBinary ? decodeBinary(bytes) : decodeText(this.version, bytes.toString("utf8"));
    if (frame.topic === "phoenix") {
      if (frame.event === "heartbeat") this.reply(frame, "ok", {});
      return;
    }
    if (frame.event === "phx_join" && frame.topic.startsWith("realtime:")) return this.#join(frame);
    const channel = this.#channels.get(frame.topic);
    if (frame.event === "phx_leave") return this.#leave(frame, channel);
    if (channel === undefined) return this.reply(frame, "error", { reason: "unmatched topic" });
    // Sent under a join that has since been replaced.
    if (frame.joinRef !== null && frame.joinRef !== channel.joinRef) return;
    if (this.#tooFast()) return channel.shutDown("Too many messages per second");
    return channel.receive(frame);
  }

  async #join(frame: InboundFrame): Promise<void> {
    try {
      const channel = await this.#admit(frame);
      if (this.#connection.readyState !== this.#connection.OPEN) return channel.detach();
      this.#channels.set(frame.topic, channel);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.reply(frame, "error", { reason: error.message });
    }
  }

  async #admit(frame: InboundFrame): Promise<Channel> {
    const { limits } = this.#server;
    if (frame.topic === "realtime:") {
      throw new Refusal("TopicNameRequired", "You must provide a topic name");
    }
    const previous = this.#channels.get(frame.topic);
    if (previous !== undefined) {
      previous.detach();
      this.closed(previous);
    }
    const request = parseJoin(frame.payload);
    if (!request.private && !limits.allowPublic) {
      throw new Refusal("PrivateOnly", "This project only allows private channels");
    }
    if (this.#channels.size >= limits.maxChannelsPerSocket) {
      throw new Refusal("ChannelRateLimitReached", "Too many channels");
    }
    const channel = new Channel(this.#server, this, frame, request);
    await channel.authorize();
    this.reply(frame, "ok", {
      postgres_changes: request.postgresChanges.map((change, id) => Object.assign(change, { id })),
    });
    channel.goLive();
    return channel;
  }

  #leave(frame: InboundFrame, channel: Channel | undefined): void {
    this.reply(frame, "ok", {});
    if (channel === undefined) return;
    if (frame.joinRef !== null && frame.joinRef !== channel.joinRef) return;
    channel.detach();
    this.closed(channel);
  }

  #tooFast(): boolean {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#second) this.#messagesThisSecond = 0;
    this.#second = second;
    this.#messagesThisSecond += 1;
    return this.#messagesThisSecond > this.#server.limits.maxMessagesPerSecond;
  }
}

function toBuffer(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
