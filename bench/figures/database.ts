import { atMost, type Figure, type Measure, type Row } from "../figure.ts";
import type { Books } from "../sql/books.ts";
import { inServer, timed, timedRolledBack } from "../sql/timed.ts";

/** Calls of one measurement. */
const CALLS = 60;
const WRITES = 10;

const byPrimaryKey = (id: string) =>
  `s.id, s.version, s.status, s.amount, s.currency, s.total_amount, s.product, s.expires_at
   from billing.checkout_sessions s where s.id = ${id}`;

/** What the calls of a checkout cost where no network stands before Postgres. */
export const database: Figure = {
  name: "database",
  title: "A call in Postgres, one connection, prepared statements",
  unit: "ms",
  yardstick: "eight columns of the same session by its primary key",
  rounds: 11,
  async open(ground) {
    const books = await ground.books();
    const open = await books.open();
    const paid = await books.open();
    await books.record(paid, "succeeded");
    await books.complete(paid);
    await books.owner.run("analyze");
    const calls = ground.brief ? 5 : CALLS;
    const read = (sessionId: string) => () =>
      books.service.call("read_checkout", { p_session_id: sessionId });
    const yardstick = timed(
      calls,
      () => books.service.row(`select ${byPrimaryKey("$1")}`, [paid.sessionId]),
    );
    return {
      rows: [
        {
          name: "read_checkout, open",
          measure: timed(calls, read(open.sessionId)),
          yardstick,
          target: atMost(4),
        },
        {
          name: "read_checkout, succeeded",
          measure: timed(calls, read(paid.sessionId)),
          yardstick,
          target: atMost(4),
        },
        {
          name: "locate_checkout",
          measure: timed(
            calls,
            () =>
              books.service.call("locate_checkout", {
                p_stripe_payment_intent_id: paid.intentId,
              }),
          ),
          yardstick,
        },
        {
          name: "read_checkout, without the way to the server",
          measure: inServer(books.owner, calls, `billing.read_checkout('${paid.sessionId}')`),
          yardstick: inServer(books.owner, calls, byPrimaryKey(`'${paid.sessionId}'`)),
        },
        ...writes(books, ground.brief ? 2 : WRITES, yardstick),
      ],
      close: () => books.close(),
    };
  },
};

/** Each call as it is in a checkout, in a transaction that is taken back; its commit is not part of it. */
function writes(books: Books, calls: number, yardstick: Measure): readonly Row[] {
  const { service } = books;
  return [
    {
      name: "begin_checkout",
      yardstick,
      measure: timedRolledBack(service, calls, () => books.token(), (token) => books.begin(token)),
    },
    {
      name: "begin_attempt",
      yardstick,
      measure: timedRolledBack(
        service,
        calls,
        () => books.open(),
        ({ sessionId }) =>
          service.call("begin_attempt", {
            p_session_id: sessionId,
            p_stripe_payment_method_id: "pm_bench",
            p_intent_status: "requires_payment_method",
          }),
      ),
    },
    {
      name: "record_intent, succeeded",
      yardstick,
      measure: timedRolledBack(
        service,
        calls,
        () => books.open(),
        (session) => books.record(session, "succeeded"),
      ),
    },
    {
      name: "complete_checkout",
      yardstick,
      measure: timedRolledBack(service, calls, async () => {
        const session = await books.open();
        await books.record(session, "succeeded");
        return session;
      }, (session) => books.complete(session)),
    },
    {
      name: "receive_event",
      yardstick,
      measure: timedRolledBack(service, calls, () => Promise.resolve(), () => books.receive()),
    },
  ];
}
