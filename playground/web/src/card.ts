import { duration, element } from "./dom.ts";

/** What one function said: labels with their probabilities, or a text. */
export type Answer = { label: string; probabilities: Record<string, number> } | { text: string };

/** The panel of one function. */
export interface Card {
  root: HTMLElement;
  show(answer: Answer, milliseconds: number): void;
  /** Says that what is shown is of an older text. */
  wait(): void;
  fail(error: Error): void;
  clear(): void;
}

/**
 * @param labels of a function that picks one; empty for a function that answers with text
 */
export function createCard(title: string, file: string, labels: readonly string[]): Card {
  const time = element("span", "time");
  const answer = element("output", "answer");
  answer.setAttribute("aria-live", "polite");
  const rows = labels.map((label) => {
    const fill = element("span", "fill");
    const share = element("span", "share");
    const row = element("li", "", element("span", "label", label), element("span", "bar", fill), share);
    return { label, row, fill, share };
  });
  const bars = element("ul", "bars", ...rows.map(({ row }) => row));
  const head = element("header", "", element("h2", "", title), time);
  const root = element("article", "card empty", head, answer, ...(labels.length > 0 ? [bars] : []));
  root.append(element("p", "file", file));

  const draw = (probabilities: Record<string, number>, best?: string) => {
    for (const { label, row, fill, share } of rows) {
      const probability = probabilities[label] ?? 0;
      fill.style.scale = `${probability} 1`;
      share.textContent = best === undefined ? "" : `${Math.round(100 * probability)} %`;
      row.classList.toggle("best", label === best);
    }
  };
  const state = (name: "empty" | "waiting" | "wrong" | "") => {
    root.className = `card ${name}`;
  };
  return {
    root,
    show(given, milliseconds) {
      state("");
      time.textContent = duration(milliseconds);
      if ("text" in given) answer.textContent = given.text;
      else {
        answer.textContent = given.label;
        draw(given.probabilities, given.label);
      }
    },
    wait: () => state(answer.textContent === "" ? "empty" : "waiting"),
    fail(error) {
      state("wrong");
      time.textContent = "";
      answer.textContent = error.message;
      draw({});
    },
    clear() {
      state("empty");
      time.textContent = answer.textContent = "";
      draw({});
    },
  };
}
