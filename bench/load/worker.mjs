// Asks a server over so many kept connections, from a thread of its own: what the gateway of the stack does in this process
// does not wait for it.
import { Agent, request } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import * as z from "zod";

const job = z.object({
  requests: z.array(z.object({
    url: z.string(),
    method: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string().optional(),
  })),
  connections: z.number(),
  milliseconds: z.number().optional(),
});
const { requests, connections, milliseconds } = job.parse(workerData);
const agent = new Agent({ keepAlive: true, maxSockets: connections });

/**
 * @param {z.output<typeof job>["requests"][number]} ask
 * @returns {Promise<void>} once the answer has been read; rejects where it is no 2xx
 */
const send = ({ url, method, headers, body }) =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, { agent, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += String(chunk);
      });
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode = 0 } = response;
        if (statusCode >= 200 && statusCode < 300) resolve();
        else reject(new Error(`${method} answered ${statusCode}: ${text.slice(0, 300)}`));
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });

/** @type {number[]} */
const latencies = [];
let next = 0;
const begun = performance.now();
const until = milliseconds === undefined ? Infinity : begun + milliseconds;

async function work() {
  for (; performance.now() < until;) {
    const ask = milliseconds === undefined ? requests[next] : requests[next % requests.length];
    if (ask === undefined) return;
    next += 1;
    const sent = performance.now();
    await send(ask);
    latencies.push(performance.now() - sent);
  }
}

await Promise.all(Array.from({ length: connections }, work));
const seconds = (performance.now() - begun) / 1000;
agent.destroy();
parentPort?.postMessage({ seconds, latencies }, []);
