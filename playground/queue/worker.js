// Answers the jobs of a BullMQ queue: `node --import unplugin-paw/register worker.js`, as many processes as there are
// machines. A job that a process was killed with is another's after `lockDuration`.
import { UnrecoverableError, Worker } from "bullmq";
import mood from "./mood.paw";

// Before the first job: loading takes a second, a compile longer.
await mood.load();

const worker = new Worker(
  "mails",
  async ({ data }) => {
    try {
      return await mood(data.text);
    } catch (error) {
      // To try again makes nothing better of an input that does not fit.
      if (error.name === "InputError" || error.code === "INPUT_TOO_LONG") throw new UnrecoverableError(error.message);
      throw error;
    }
  },
  // Jobs that run at the same time share passes through the model.
  { connection: { url: process.env.REDIS_URL }, concurrency: 16, lockDuration: 5000, stalledInterval: 5000 },
);
worker.on("error", (error) => console.error(error.message));
worker.on("ready", () => console.log("ready"));
process.on("SIGTERM", () => worker.close());
