import { atLeast, type Figure } from "../figure.ts";
import { get, rate } from "../load/load.ts";

const CONNECTIONS = 16;
/** Milliseconds of one measurement. */
const LONG = 600;

/** What every sheet asks for while its channel is down. */
export const status: Figure = {
  name: "status",
  title: "Status, 16 connections",
  unit: "answers/s",
  yardstick:
    "a bare Deno handler with one supabase-js call that reads the session by its primary key",
  rounds: 9,
  async open(ground) {
    const { shop, functionUrl, handler } = await ground.market();
    // Each connection is a sheet of its own: of one session, calls would wait for one another's count.
    const sessions = await Promise.all(Array.from({ length: CONNECTIONS }, () => shop.create()));
    for (const session of sessions.slice(CONNECTIONS / 2)) await shop.pay(session);
    await shop.idle();
    const ours = await functionUrl("checkout-status");
    const { url, stop } = await handler("one-rpc");
    const milliseconds = ground.brief ? 100 : LONG;
    const run = (base: string) =>
      rate({
        requests: sessions.map(({ id }) => get(`${base}/${id}`)),
        connections: CONNECTIONS,
        milliseconds,
      });
    // Both compile what they run before anybody looks at a clock.
    await run(ours);
    await run(url);
    return {
      rows: [{
        name: "status",
        measure: () => run(ours),
        yardstick: () => run(url),
        target: atLeast(0.85),
      }],
      close: stop,
    };
  },
};
