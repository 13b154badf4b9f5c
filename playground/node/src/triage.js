import orderNumber from "./order-number.paw";
import route from "./route.paw";
import sentiment from "./sentiment.paw";

/** The functions of this app: plain-English specs, compiled into the bundle. */
export const functions = { sentiment, route, orderNumber };

/**
 * Sorts one message of a customer.
 *
 * @param {string} message
 */
export async function triage(message) {
  const mood = await sentiment(message);
  const team = await route(message);
  // Code decides what code can: without a digit there is no number to look for.
  const order = /\d/.test(message) ? await orderNumber(message) : null;
  return { message, mood, team, order };
}
