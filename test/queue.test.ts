import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Queue, QueueEvents } from "bullmq";
import { afterAll, describe, expect, test } from "vitest";
import { hasRedis, startRedis } from "./cache-helpers/servers.ts";

// The example of `playground/queue` on a real Redis; inside the workspace, so that it finds its packages.
const root = fileURLToPath(new URL("..", import.meta.url));
mkdirSync(join(root, ".paw"), { recursive: true });
const folder = mkdtempSync(join(root, ".paw/queue-"));
cpSync(join(root, "playground/queue"), folder, { recursive: true });
const workers: ChildProcess[] = [];
afterAll(() => {
  for (const worker of workers) worker.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** A worker that takes jobs. */
async function start(url: string): Promise<ChildProcess> {
  const env = {
    ...process.env,
    NODE_OPTIONS: "",
    PAW_EFFORT: "draft",
    PAW_CACHE: join(folder, "cache"),
    REDIS_URL: url,
  };
  const worker = spawn(process.execPath, ["--import", "unplugin-paw/register", "worker.js"], { cwd: folder, env });
  workers.push(worker);
  let said = "";
  for (const stream of [worker.stdout, worker.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  await expect.poll(() => said, { timeout: 60_000 }).toContain("ready");
  return worker;
}

describe.skipIf(!hasRedis)("workers of a queue", () => {
  test("answer every job, also those of one that is killed, and end their jobs before they end", async () => {
    const redis = await startRedis("--maxmemory-policy", "noeviction");
    const connection = { url: redis.url };
    const queue = new Queue<{ text: unknown }, string>("mails", { connection });
    const events = new QueueEvents("mails", { connection });
    queue.setMaxListeners(0);
    try {
      await events.waitUntilReady();
      const first = await start(redis.url);
      const texts = Array.from({ length: 400 }, (_, i) => `${i % 2 ? "Lovely" : "Horrible"} day ${i}`);
      const jobs = await queue.addBulk(texts.map((text) => ({ name: "mail", data: { text } })));
      await expect.poll(() => queue.getCompletedCount(), { timeout: 60_000, interval: 20 }).toBeGreaterThan(20);
      first.kill("SIGKILL");
      const second = await start(redis.url);
      const answers = await Promise.all(jobs.map((job) => job.waitUntilFinished(events, 60_000)));
      expect(answers).toHaveLength(texts.length);
      for (const answer of answers) expect(["good", "bad"]).toContain(answer);

      // No second try.
      const bad = await queue.add("mail", { text: 7 }, { attempts: 5 });
      await expect(bad.waitUntilFinished(events, 60_000)).rejects.toThrow(/of type number, expected a string/);
      const [failed] = await queue.getFailed();
      expect(failed?.attemptsMade).toBe(1);

      await queue.addBulk(texts.slice(0, 100).map((text) => ({ name: "mail", data: { text } })));
      second.kill("SIGTERM");
      await once(second, "exit");
      expect(await queue.getActiveCount()).toBe(0);
    } finally {
      await events.close();
      await queue.close();
      await redis.stop();
    }
  }, 180_000);
});
