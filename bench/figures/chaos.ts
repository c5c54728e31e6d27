import { spawn } from "node:child_process";
import * as z from "zod";
import { projectFolder } from "../../stack/migrate.ts";
import { atLeast, type Figure } from "../figure.ts";

const SECONDS = 45;
const tally = z.object({ runs: z.number().positive() });

/** How soon chance has tried a thousand interleavings. */
export const chaos: Figure = {
  name: "chaos",
  title: "Scenarios of the chaos model, each audited against the laws",
  unit: "runs/min",
  yardstick: "none: what the machine does",
  rounds: 1,
  open(ground) {
    const seconds = ground.brief ? 5 : SECONDS;
    return Promise.resolve({
      rows: [{
        name: "runs",
        measure: async () => {
          const { runs, seconds: took } = await played(seconds);
          return runs / took * 60;
        },
        target: atLeast(60, "value"),
      }],
    });
  },
};

/** How many runs there were, and for how long: from the model's first word to its last, the stack's start left out. */
function played(
  seconds: number,
): Promise<{ readonly runs: number; readonly seconds: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ["scripts/chaos.mjs", "--seconds", String(seconds), "tests/chaos/model.test.ts"],
      { cwd: projectFolder, stdio: ["ignore", "pipe", "inherit"] },
    );
    let text = "";
    let begun = 0;
    let ended = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (begun === 0 && text.includes("chaos: seed")) begun = performance.now();
      if (ended === 0 && text.includes("chaos: {")) ended = performance.now();
    });
    child.once("error", reject);
    child.once("close", (code) => {
      const found = /chaos: (\{.*\})/.exec(text)?.[1];
      if (code === 0 && found !== undefined) {
        const { runs } = tally.parse(JSON.parse(found));
        resolve({ runs, seconds: Math.max(seconds, (ended - begun) / 1000) });
      } else reject(new Error(`the chaos model ended with ${code}: ${text.slice(-2_000)}`));
    });
  });
}
