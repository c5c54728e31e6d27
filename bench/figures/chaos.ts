import { spawn } from "node:child_process";
import * as z from "zod";
import { projectFolder } from "../../stack/migrate.ts";
import { atLeast, type Figure } from "../figure.ts";

const SECONDS = 45;
const tally = z.object({ runs: z.number().positive(), seconds: z.number().positive() });

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
          const lanes = await played(seconds);
          const runs = lanes.reduce((sum, lane) => sum + lane.runs, 0);
          return runs / Math.max(...lanes.map((lane) => lane.seconds)) * 60;
        },
        target: atLeast(60, "value"),
      }],
    });
  },
};

/** What each lane has played, and for how long: the starts of their stacks are left out. */
function played(seconds: number): Promise<z.infer<typeof tally>[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ["scripts/chaos.mjs", "--seconds", String(seconds), "tests/chaos/lanes"],
      { cwd: projectFolder, stdio: ["ignore", "pipe", "inherit"] },
    );
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.once("error", reject);
    child.once("close", (code) => {
      const found = [...text.matchAll(/chaos: (\{.*\})/g)].map(([, one]) => one ?? "");
      if (code === 0 && found.length > 0) {
        resolve(found.map((one) => tally.parse(JSON.parse(one))));
      } else reject(new Error(`the chaos model ended with ${code}: ${text.slice(-2_000)}`));
    });
  });
}
