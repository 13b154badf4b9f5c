import tone from "./tone.paw";
import topic from "./topic.paw";

/** What both functions say, as plain data. */
export async function ask() {
  return {
    tone: await tone.classify("You idiot, get lost"),
    topic: await topic.classify("The striker scored twice in the final"),
    plain: await tone("Many thanks for your kind help"),
    isolated: crossOriginIsolated,
  };
}
