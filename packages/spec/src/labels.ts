import { isMap, isScalar, type Node, type YAMLSeq } from "yaml";
import { type Problems, quote } from "./diagnostics.ts";
import { invisibleIn, looksLike } from "./printable.ts";
import type { Place } from "./source.ts";
import type { Shape } from "./value-type.ts";
import { type Block, describe, QUOTE_IT, textOf } from "./yaml.ts";

/** A label as it is written, and what it stands for, where the spec says so. */
export interface Label {
  text: string;
  place: Place;
  description?: string;
}

const MAX_LABELS = 1000;
const MAX_DESCRIPTION = 500;

/** Reads a list of labels: texts, or maps of one label to its description (`- billing: cards and refunds`). */
export function readLabels(list: YAMLSeq, place: Place, block: Block, problems: Problems): Shape | undefined {
  if (tooMany(list.items.length, place, problems)) return undefined;
  const labels: Label[] = [];
  const before = problems.failures;
  for (const item of list.items as (Node | null)[]) {
    const [pair] = isMap(item) && item.items.length === 1 ? item.items : [];
    const name = (pair ? pair.key : item) as Node | null;
    const text = (pair?.value ?? null) as Node | null;
    const at = name === null ? place : block.place(name);
    if ((name !== null && !isScalar(name)) || (text !== null && !isScalar(text))) {
      const hint = "Write a list such as [positive, negative], or lines such as `- positive: what it stands for`.";
      const wrong = text !== null && !isScalar(text) ? text : (item as Node);
      problems.error("label", block.place(wrong), `A label must be a text, found ${describe(wrong)}.`, hint);
      return undefined;
    }
    for (const written of [name, text]) checkComment(written, block, problems);
    const description = text === null ? "" : textOf(text).trim();
    if (pair && description === "") {
      problems.error(
        "label",
        at,
        `The label ${quote(name ? textOf(name) : "")} has no description.`,
        `Write it behind the colon. ${QUOTE_IT}`,
      );
    } else if (description.length > MAX_DESCRIPTION) {
      const message = `This description has ${description.length} characters; the limit is ${MAX_DESCRIPTION}.`;
      problems.error("label", at, message, "Say it shorter: a small model follows short instructions best.");
    }
    labels.push({ text: name === null ? "" : textOf(name), place: at, ...(description && { description }) });
  }
  return problems.failures > before ? undefined : labelShape(labels, place, problems);
}

/** `- level #1` is the label "level" to YAML. */
function checkComment(node: Node | null, block: Block, problems: Problems): void {
  const comment = node && isScalar(node) && node.type === "PLAIN" ? block.commentBehind(node) : undefined;
  if (!comment) return;
  const hint = "Put the label in quotes, or the comment on a line of its own.";
  problems.error("yaml-comment", comment, "YAML takes this for a comment: is it part of the label?", hint);
}

/** The type of a closed set of labels. */
export function labelShape(labels: readonly Label[], place: Place, problems: Problems): Shape | undefined {
  if (tooMany(labels.length, place, problems)) return undefined;
  const known = new Map<string, Label>();
  const alike = new Map<string, Label>();
  const before = problems.failures;
  for (const label of labels) {
    const { text, place: at } = label;
    if (text.trim() === "") problems.error("label", at, "A label is empty.", "Give every label a name.");
    else if (text !== text.trim()) {
      problems.error(
        "label",
        at,
        `The label ${quote(text)} has white space at an end.`,
        `Write ${quote(text.trim())}.`,
      );
    } else if (/\p{Cc}/u.test(text)) {
      problems.error("label", at, `The label ${quote(text)} has a control character in it.`, "Remove it.");
    } else if (known.has(text)) {
      problems.error("duplicate-label", at, `The label ${quote(text)} is given twice.`, "Remove one of them.");
    } else warnOfLookalike(label, alike, problems);
    known.set(text, label);
  }
  if (problems.failures > before) return undefined;
  if (known.size < 2) {
    const [only = ""] = known.keys();
    const hint = /^(string|number|boolean|date)$/.test(only) ? `For a list of values write ${only}[].` : undefined;
    problems.error(
      "labels",
      place,
      `A choice needs at least two labels, found ${known.size}.`,
      hint ?? "Add the others.",
    );
    return undefined;
  }
  const list = [...known.keys()];
  const descriptions = labels.flatMap(({ text, description }) => (description ? [[text, description] as const] : []));
  return {
    schema: { enum: list },
    labels: list,
    labelPlaces: labels.map((label) => label.place),
    ...(descriptions.length > 0 && { descriptions: new Map(descriptions) }),
  };
}

function tooMany(count: number, place: Place, problems: Problems): boolean {
  if (count <= MAX_LABELS) return false;
  const message = `${count.toLocaleString("en")} labels are more than the limit of ${MAX_LABELS.toLocaleString("en")}.`;
  problems.error(
    "labels",
    place,
    message,
    "A small model cannot tell so many apart. Ask in two steps, or return a string.",
  );
  return true;
}

/** Two labels that people take for one, or one with something in it that nobody sees, are mostly a mistake. */
function warnOfLookalike(label: Label, alike: Map<string, Label>, problems: Problems): void {
  const { text, place } = label;
  const form = looksLike(text);
  const other = alike.get(form);
  const invisible = invisibleIn(text);
  if (other) {
    const message = `The labels ${quote(other.text)} and ${quote(text)} differ only in case, in spaces or in characters that look alike.`;
    problems.warning("similar-labels", place, message, "Remove one of them, or give them names that tell them apart.");
  } else if (invisible) {
    problems.warning(
      "invisible",
      place,
      `The label ${quote(text)} has an invisible character: ${invisible}.`,
      "Remove it, or write a plain space.",
    );
  } else if (text !== text.normalize("NFC")) {
    const hint = "Write it anew from the keyboard: your program will compare answers with the composed form.";
    problems.warning(
      "invisible",
      place,
      `The label ${quote(text)} is written with combining characters (not in the normal form NFC).`,
      hint,
    );
  }
  alike.set(form, label);
}
