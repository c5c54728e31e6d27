import { type Connection, openDatabase, openShop, untilBlocked } from "./support.ts";

export interface Racers {
  readonly first: Connection;
  readonly second: Connection;
  readonly observer: Connection;
}

type Move<T> = (connection: Connection) => Promise<T>;

/**
 * Runs one call inside a transaction of the first connection, lets the other arrive and wait for it, then commits: the order
 * is certain and not hoped for.
 */
export const racing =
  ({ first, second, observer }: Racers) =>
  async <A, B>(one: Move<A>, other: Move<B>, waitingIn: string): Promise<[A, B]> => {
    await first.rows("begin");
    try {
      const won = await one(first);
      const later = other(second);
      try {
        await untilBlocked(observer, waitingIn);
      } finally {
        await first.rows("commit");
      }
      return [won, await later];
    } catch (error) {
      // Outside a transaction a warning, and no more.
      await first.rows("rollback");
      throw error;
    }
  };

/** A shop in a database of its own, and the connections that race there. */
export async function openRaces() {
  const database = await openDatabase();
  const [first, second, owner, observer] = await Promise.all([
    database.service(),
    database.service(),
    database.owner(),
    database.owner(),
  ]);
  const { keyDigest } = await openShop(owner);
  return {
    database,
    first,
    second,
    owner,
    observer,
    keyDigest,
    race: racing({ first, second, observer }),
  };
}
