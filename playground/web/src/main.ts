import "./style.css";
import { type Answer, type Card, createCard } from "./card.ts";
import city from "./city.paw";
import { byId, element, megabytes } from "./dom.ts";
import intent from "./intent.paw";
import mood from "./mood.paw";
import { keepOffline } from "./offline.ts";
import { createTimeline } from "./timeline.ts";

const samples = [
  "Wonderful. No hot water in Lisbon again",
  "A double room in Vienna, please",
  "Can we come to Oslo a day later?",
  "Thank you for a lovely week in Seville",
  "My flight is off, drop the room in Athens",
];

interface Asked {
  card: Card;
  ask(text: string, signal: AbortSignal): Promise<Answer>;
}

const functions: Asked[] = [
  {
    card: createCard("Mood", "mood.paw", ["happy", "neutral", "unhappy"]),
    ask: (text, signal) => mood.classify(text, { signal }),
  },
  {
    card: createCard("Intent", "intent.paw", ["book", "change", "cancel", "ask", "other"]),
    ask: (text, signal) => intent.classify(text, { signal }),
  },
  {
    card: createCard("City", "city.paw", []),
    ask: async (text, signal) => ({ text: await city(text, { signal }) }),
  },
];

const message = byId<HTMLTextAreaElement>("message");
const timeline = createTimeline();
const calls: number[] = [];
let asking = new AbortController();
let ready = false;

/** Asks all functions about the text; an older question that still runs is given up. */
async function ask(): Promise<void> {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const text = message.value.trim();
  if (text === "") {
    for (const { card } of functions) card.clear();
    return;
  }
  if (!ready) return;
  // One after the other, as the model answers them: so each time is the function's own.
  for (const { card } of functions) card.wait();
  for (const { card, ask } of functions) {
    const start = performance.now();
    try {
      const answer = await ask(text, signal);
      if (signal.aborted) return;
      const time = performance.now() - start;
      card.show(answer, time);
      if (card === functions[0]?.card) note(time);
    } catch (error) {
      if (signal.aborted) return;
      card.fail(error as Error);
    }
  }
}

/** Draws how long calls of the first function take. */
function note(time: number): void {
  if (calls.length === 0) timeline.set("first", time);
  calls.push(time);
  if (calls.length === 1) return;
  const later = calls.slice(1).sort((a, b) => a - b);
  timeline.set("call", later[later.length >> 1] as number, `mood, median of ${later.length}`);
}

/** Loads everything ahead of the first call, and shows how far it is. */
async function load(): Promise<void> {
  const start = performance.now();
  const progress = byId<HTMLProgressElement>("progress");
  let fetched = start;
  let note = "";
  await mood.load({
    onProgress({ stage, loaded, total }) {
      if (stage === "load") {
        fetched = performance.now();
        byId("stage").textContent = "Starting the model";
        byId("bytes").textContent = "";
        progress.removeAttribute("value");
      } else if (loaded !== undefined && total !== undefined) {
        const cached = stage === "verify";
        byId("stage").textContent = cached
          ? "Reading the model from the browser's cache"
          : "Fetching the model, once for all functions";
        byId("bytes").textContent = `${(loaded / 1e6).toFixed(1)} of ${megabytes(total)}`;
        progress.max = total;
        progress.value = loaded;
        note = `${megabytes(total)}${cached ? ", cached" : ""}`;
      }
    },
  });
  const end = performance.now();
  await Promise.all([intent.load(), city.load()]);
  timeline.set("fetch", fetched - start, note);
  timeline.set("session", end - fetched);
  byId("loading").hidden = true;
}

function fact(text: string, good = true): void {
  byId("facts").append(element("li", good ? "good" : "", text));
}

let typing: ReturnType<typeof setTimeout>;
message.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(ask, 180);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== message) {
    event.preventDefault();
    message.focus();
  } else if (event.key === "Escape" && message.value !== "") {
    message.value = "";
    message.focus();
    void ask();
  }
});
for (const sample of samples) {
  const button = element("button", "", sample) as HTMLButtonElement;
  button.type = "button";
  button.addEventListener("click", () => {
    message.value = sample;
    void ask();
  });
  document.querySelector(".samples")?.append(button);
}
document.querySelector(".cards")?.append(...functions.map(({ card }) => card.root));
message.value = samples[0] as string;
fact(
  crossOriginIsolated
    ? `${navigator.hardwareConcurrency} processor cores, threads allowed`
    : "One thread: the server sends no COOP and COEP headers",
  crossOriginIsolated,
);

try {
  await load();
  ready = true;
  await ask();
  if (await keepOffline()) fact("Works offline from now on");
} catch (error) {
  byId("loading").classList.add("wrong");
  byId("stage").textContent = (error as Error).message;
}

// In development: the question that stands there is asked again by an edited spec.
import.meta.hot?.on("vite:afterUpdate", () => void ask());
