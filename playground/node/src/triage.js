import orderNumber from "./order-number.paw";
import route from "./route.paw";
import sentiment from "./sentiment.paw";

/** The functions of this app: plain-English specs, compiled into the bundle. */
export const functions = { sentiment, route, orderNumber };

/** Milliseconds of every call so far, by the function's name. @type {Record<string, number[]>} */
export const times = {};

/**
 * Sorts one message of a customer.
 *
 * @param {string} message
 */
export async function triage(message) {
  const mood = await timed(sentiment, message);
  const team = await timed(route, message);
  // Code decides what code can: without a digit there is no number to look for.
  const order = /\d/.test(message) ? await timed(orderNumber, message) : null;
  return { message, mood, team, order };
}

/**
 * @template Answer
 * @param {import("@unplugin-paw/runtime").PawFunction<string, Answer>} run
 * @param {string} message
 */
async function timed(run, message) {
  const start = performance.now();
  const answer = await run(message);
  times[run.meta.name] = [...(times[run.meta.name] ?? []), performance.now() - start];
  return answer;
}
