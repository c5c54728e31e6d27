import { encode, encodeUserBroadcast, type UserBroadcast, type Version } from "./protocol.ts";

/** A live membership of one socket in one topic. */
export interface Member {
  /** The full topic, as joined. */
  readonly topic: string;
  readonly private: boolean;
  readonly version: Version;
  /** Whether this member may be given broadcasts; always so on public channels. */
  mayRead(): boolean;
  send(data: string | Buffer): void;
}

/** Either the `{ type, event, payload, … }` object of a JSON broadcast, or a binary push as it came. */
export type Broadcast =
  | { readonly json: Readonly<Record<string, unknown>> }
  | { readonly binary: UserBroadcast };

/**
 * Who is joined to what. Topics match whole and exactly, and a private topic and the public one of
 * the same name are two topics: nothing passes between them.
 */
export class Hub {
  readonly #members = {
    private: new Map<string, Set<Member>>(),
    public: new Map<string, Set<Member>>(),
  };

  add(member: Member): void {
    const topics = this.#topics(member.private);
    const members = topics.get(member.topic) ?? new Set();
    topics.set(member.topic, members.add(member));
  }

  remove(member: Member): void {
    const topics = this.#topics(member.private);
    const members = topics.get(member.topic);
    members?.delete(member);
    if (members?.size === 0) topics.delete(member.topic);
  }

  /** Gives the broadcast to every member of the topic but `except`. */
  deliver(topic: string, isPrivate: boolean, broadcast: Broadcast, except?: Member): void {
    const encoded = new Map<Version, string | Buffer | null>();
    for (const member of this.#topics(isPrivate).get(topic) ?? []) {
      if (member === except || !member.mayRead()) continue;
      let data = encoded.get(member.version);
      if (data === undefined) {
        data = encodeBroadcast(member.version, topic, broadcast);
        encoded.set(member.version, data);
      }
      if (data !== null) member.send(data);
    }
  }

  #topics(isPrivate: boolean): Map<string, Set<Member>> {
    return isPrivate ? this.#members.private : this.#members.public;
  }
}

function encodeBroadcast(version: Version, topic: string, broadcast: Broadcast) {
  return "binary" in broadcast
    ? encodeUserBroadcast(version, topic, broadcast.binary)
    : encode(version, {
      joinRef: null,
      ref: null,
      topic,
      event: "broadcast",
      payload: broadcast.json,
    });
}
