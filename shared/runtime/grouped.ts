import { deadline } from "deno-std/async/deadline.js";

/** Items of one call: what it takes stays small beside what a function may use. */
const MOST = 20;

/** Milliseconds for which an item waits for the calls before it at most: one that hangs does not hold up what comes after. */
const PATIENCE = 1_000;

interface Group<Item, Answer> {
  readonly items: Item[];
  readonly answers: Promise<readonly Answer[]>;
}

/**
 * Sends what comes while a call is under way together in the next one, as a database commits in groups. An item that comes alone is
 * sent at once, and none is answered before its own call is. Where a call of several fails, each is sent alone, so that one which
 * always fails takes no other with it.
 *
 * @param send answers for each item, in their order
 */
export function grouped<Item, Answer>(
  send: (items: readonly Item[]) => Promise<readonly Answer[]>,
): (item: Item) => Promise<Answer> {
  let gathering: Group<Item, Answer> | undefined;
  let before: Promise<unknown> = Promise.resolve();

  function open(): Group<Item, Answer> {
    const items: Item[] = [];
    const answers = before.then(() => {
      if (gathering?.items === items) gathering = undefined;
      return send(items);
    });
    before = deadline(answers, PATIENCE).catch(() => undefined);
    return { items, answers };
  }

  async function sent({ items, answers }: Group<Item, Answer>, place: number): Promise<Answer> {
    const answer = (await answers)[place];
    if (answer === undefined) throw new Error(`${items.length} items, and no answer for ${place}`);
    return answer;
  }

  return async (item) => {
    if (gathering === undefined || gathering.items.length === MOST) gathering = open();
    const group = gathering;
    const place = group.items.push(item) - 1;
    try {
      return await sent(group, place);
    } catch (error) {
      if (group.items.length === 1) throw error;
      return sent({ items: [item], answers: send([item]) }, 0);
    }
  };
}
