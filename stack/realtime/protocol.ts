/**
 * The frames of a Phoenix socket, in the two serializations that supabase-js speaks.
 *
 * `vsn=1.0.0` sends JSON objects, `vsn=2.0.0` (its default) JSON arrays
 * `[join_ref, ref, topic, event, payload]`, and a binary form for a client's own broadcasts.
 * Source of the layout: supabase/realtime, `lib/realtime_web/socket/v2_serializer.ex`.
 */
import * as z from "zod";

export type Version = "1.0.0" | "2.0.0";
export type Payload = Record<string, unknown>;

/** A broadcast that a client pushed in binary form; its data stays as the client encoded it. */
export interface UserBroadcast {
  readonly event: string;
  readonly encoding: "json" | "binary";
  readonly data: Buffer;
}

export interface Frame {
  readonly joinRef: string | null;
  readonly ref: string | null;
  /** The full topic, `realtime:` included, or `phoenix` for heartbeats. */
  readonly topic: string;
  readonly event: string;
  readonly payload: Payload;
}

export interface InboundFrame extends Frame {
  /** Present on `broadcast` frames that came in binary form; `payload` is then empty. */
  readonly userBroadcast?: UserBroadcast;
}

/** What a client sent is no frame; the socket cannot go on, as its refs can no longer be trusted. */
export class MalformedFrame extends Error {}

const ref = z.string().max(255).nullish().transform((value) => value ?? null);
const payload = z.record(z.string(), z.unknown());
const arrayFrame = z.tuple([ref, ref, z.string(), z.string(), payload]).rest(z.unknown());
const objectFrame = z.object({
  join_ref: ref,
  ref,
  topic: z.string(),
  event: z.string(),
  payload,
});

/** Throws MalformedFrame. */
export function decodeText(version: Version, text: string): InboundFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new MalformedFrame("not JSON");
  }
  if (version === "2.0.0") {
    const parsed = arrayFrame.safeParse(value);
    if (!parsed.success) throw new MalformedFrame("expected an array of five");
    const [joinRef, frameRef, topic, event, body] = parsed.data;
    return { joinRef, ref: frameRef, topic, event, payload: body };
  }
  const parsed = objectFrame.safeParse(value);
  if (!parsed.success) throw new MalformedFrame("expected an object with topic and event");
  const { join_ref, ref: frameRef, topic, event, payload: body } = parsed.data;
  return { joinRef: join_ref, ref: frameRef, topic, event, payload: body };
}

const userBroadcastPush = 3;
const userBroadcast = 4;

/** Only a client's broadcast comes in binary form. Throws MalformedFrame. */
export function decodeBinary(data: Buffer): InboundFrame {
  if (data.length < 7 || data[0] !== userBroadcastPush) {
    throw new MalformedFrame("unknown binary frame");
  }
  let offset = 7;
  const text = (length: number): string => {
    if (offset + length > data.length) throw new MalformedFrame("binary frame cut short");
    const part = data.toString("utf8", offset, offset + length);
    offset += length;
    return part;
  };
  const joinRef = text(data.readUInt8(1));
  const frameRef = text(data.readUInt8(2));
  const topic = text(data.readUInt8(3));
  const event = text(data.readUInt8(4));
  text(data.readUInt8(5)); // metadata, which the real server reads and does not pass on either
  const encoding = data.readUInt8(6) === 0 ? "binary" : "json";
  return {
    joinRef: joinRef === "" ? null : joinRef,
    ref: frameRef === "" ? null : frameRef,
    topic,
    event: "broadcast",
    payload: {},
    userBroadcast: { event, encoding, data: data.subarray(offset) },
  };
}

export function encode(version: Version, frame: Frame): string {
  const { joinRef, ref: frameRef, topic, event, payload: body } = frame;
  return version === "2.0.0"
    ? JSON.stringify([joinRef, frameRef, topic, event, body])
    : JSON.stringify({ topic, event, payload: body, ref: frameRef });
}

/** `null` where the version has no form for it (binary data in 1.0.0) or a name is over 255 bytes. */
export function encodeUserBroadcast(
  version: Version,
  topic: string,
  message: UserBroadcast,
): Buffer | string | null {
  if (version === "1.0.0") {
    if (message.encoding === "binary") return null;
    return encode(version, {
      joinRef: null,
      ref: null,
      topic,
      event: "broadcast",
      payload: { type: "broadcast", event: message.event, payload: parseJson(message.data) },
    });
  }
  const topicBytes = Buffer.from(topic);
  const eventBytes = Buffer.from(message.event);
  if (topicBytes.length > 255 || eventBytes.length > 255) return null;
  const encoding = message.encoding === "json" ? 1 : 0;
  const head = Buffer.from([userBroadcast, topicBytes.length, eventBytes.length, 0, encoding]);
  return Buffer.concat([head, topicBytes, eventBytes, message.data]);
}

function parseJson(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString("utf8"));
  } catch {
    return null;
  }
}
