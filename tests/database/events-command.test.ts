import { describe, expect, it } from "vitest";
import { events as eventsCommand } from "../../scripts/events.ts";
import { runCommand } from "../support/command.ts";
import { openDatabase, receive } from "./support.ts";

const database = await openDatabase();
const service = await database.service();

/** The command on the database of this file. */
const events = (...args: string[]) =>
  runCommand(eventsCommand, { DATABASE_URL: database.databaseUrl }, args);

async function kill(id: string): Promise<void> {
  const { eventId } = await receive(service, id);
  await service.call("fail_event", {
    p_event_id: eventId,
    p_error: "stripe_unavailable",
    p_max_attempts: 1,
  });
}

describe("npm run events", () => {
  it("lists what is dead with its reason, shows it, and gives it to the next run", async () => {
    await kill("evt_dead");
    const { stdout: listed } = await events("list");
    expect(listed).toMatch(/evt_dead .*payment_intent\.succeeded .*1 tries .*stripe_unavailable/);
    expect(listed).toMatch(/^1 dead$/m);
    const { stdout: shown } = await events("show", "evt_dead");
    expect(JSON.parse(shown)).toMatchObject({ stripe_event_id: "evt_dead", status: "dead" });

    await events("replay", "evt_dead");
    const { stdout: after } = await events("list");
    expect(after).toMatch(/^0 dead$/m);
    expect((await events("list", "--status", "received")).stdout).toContain("evt_dead");
  });

  it.each([
    ["an event that is not there", ["replay", "evt_nowhere"]],
    ["a command that it does not know", ["forget", "evt_dead"]],
    ["no event", ["show"]],
    ["a status that it does not know", ["list", "--status", "lost"]],
  ])("refuses %s and says how it is used", async (_name, args) => {
    await expect(events(...args)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("usage: npm run events") as unknown,
    });
  });
});
