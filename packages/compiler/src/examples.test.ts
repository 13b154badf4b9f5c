import { openInterpreter } from "@unplugin-paw/interpreter";
import type { Contract, OutputContract } from "@unplugin-paw/program";
import { answerChoices, type Engine, inputTokens, type LabelTrie } from "@unplugin-paw/runtime/decode";
import { beforeAll, describe, expect, it } from "vitest";
import { trainingSet } from "./examples.ts";
import { seededRandom } from "./random.ts";

let engine: Engine;
beforeAll(async () => {
  // Only the tokenizer is used: no session.
  engine = { interpreter: await openInterpreter(), session: undefined as never };
});

const contract = (output: OutputContract): Contract => ({ input: { kind: "string" }, output });
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** A model to try examples on: the score of a token behind some others is as good as random. */
function score(before: readonly number[], token: number): number {
  let state = 17;
  for (const id of [...before, token]) state = (Math.imul(state, 31) + id) >>> 0;
  return seededRandom(state)() * 6;
}

function logShare(scores: readonly number[], chosen: number): number {
  return (scores[chosen] as number) - Math.log(sum(scores.map(Math.exp)));
}

describe("examples of closed labels", () => {
  // Labels that begin alike, one that is the beginning of another, and one that is on its own.
  const labels = ["New York", "New York City", "New Jersey", "Newark", "Boston", "not there"];
  const output = contract({ kind: "labels", labels });
  const input = "I took the ferry to Staten Island";
  const setOf = () =>
    trainingSet(
      engine,
      output,
      labels.map((label) => ({ input, output: label })),
    );

  it("weigh more where a person gave them than where a teacher wrote them, and 1 on average", () => {
    const pairs = labels.map((label, i) => ({ input, output: label, ...(i > 0 && { isTaught: true }) }));
    const { examples, variants = [] } = trainingSet(engine, output, pairs, seededRandom(1));
    const weights = examples.map(({ answers }) => answers[0]?.weights[0] as number);
    expect(weights[0]).toBeCloseTo(3 * (weights[1] as number));
    expect(sum(weights)).toBeCloseTo(labels.length);
    expect(variants[0]?.[0]?.answers[0]?.weights[0]).toBe(weights[0]);
  });

  const otherwise = [`${input}.`, `i${input.slice(1)}`, `i${input.slice(1)}.`];
  const isOtherwise = (said: string) => otherwise.includes(said.split(/\n|<\|/)[0] as string);

  it("come with variants: the same answer for a text that is written otherwise", () => {
    const pairs = labels.map((label) => ({ input, output: label }));
    const { variants = [] } = trainingSet(engine, output, pairs, seededRandom(1));
    for (const ways of variants) {
      const texts = ways.map(({ ids }) => engine.interpreter.tokenizer.decode(ids));
      for (const way of otherwise) {
        expect(texts.filter((text) => text.split(/\n|<\|/)[0] === way)).toHaveLength(1);
      }
    }
  });

  it("are chosen among the labels that have one: what is said of others is left as it is", () => {
    const first = (seen: readonly string[]) => {
      const pairs = seen.map((label) => ({ input, output: label }));
      const { examples, columns = [] } = trainingSet(engine, output, pairs);
      return examples.map(({ answers }) =>
        answers.map(({ allowed = [] }) => allowed.map((column) => columns[column] as number)),
      );
    };
    const { tokenizer } = engine.interpreter;
    const start = (label: string) => tokenizer.encode(label)[0] as number;
    // Both part at their first token, and there is no other choice on their way.
    const rivals = [start("Newark"), start("Boston")].sort();
    expect(first(["Newark", "Boston"]).map((choices) => choices.map((among) => among.sort()))).toEqual([
      [rivals],
      [rivals],
    ]);
    // With one label there would be nothing to choose.
    expect(first(["Boston"])[0]?.[0]?.length).toBeGreaterThan(2);
  });

  it("come with variants: the same answer behind another ending", () => {
    const pairs = labels.map((label) => ({ input, output: label }));
    const { examples, variants = [] } = trainingSet(engine, output, pairs, seededRandom(1));
    const text = (ids: readonly number[]) => engine.interpreter.tokenizer.decode(ids);
    expect(variants).toHaveLength(labels.length);
    for (const [i, { ids, answers }] of examples.entries()) {
      const endings = new Set<string>();
      for (const variant of variants[i] ?? []) {
        expect(variant.answers.map(({ targets, allowed }) => ({ targets, allowed }))).toEqual(
          answers.map(({ targets, allowed }) => ({ targets, allowed })),
        );
        const said = text(variant.ids);
        if (isOtherwise(said)) continue;
        expect(said).toContain(input);
        endings.add(said);
      }
      expect(endings.size).toBeGreaterThan(1);
      expect(endings).not.toContain(text(ids));
    }
  });

  const closedSet = () => answerChoices(engine.interpreter, output).closed as { trie: LabelTrie };

  it("have a row for each branch of the trie on the way to the label, and no other", () => {
    const { trie } = closedSet();
    const { examples, columns = [] } = setOf();
    expect(trie.branches.length).toBeGreaterThan(2);
    expect([...columns].sort()).toEqual(
      [...new Set(trie.branches.flatMap(({ children }) => children.map(({ token }) => token)))].sort(),
    );
    for (const [label, { answers }] of examples.entries()) {
      const rows = trie.branches.flatMap(({ children }) => {
        const chosen = children.find((child) => child.labels.includes(label));
        return chosen ? [{ target: chosen.token, allowed: children.map(({ token }) => token).sort() }] : [];
      });
      const found = answers.map(({ targets, weights, allowed = [] }) => {
        expect({ targets: targets.length, weights }).toEqual({ targets: 1, weights: [1] });
        return { target: columns[targets[0] as number], allowed: allowed.map((column) => columns[column]).sort() };
      });
      expect(found).toEqual(rows);
    }
  });

  it("run the label's own tokens, as far as there is something to choose", () => {
    const { tokenizer, chat } = engine.interpreter;
    const ids = inputTokens(engine.interpreter, input);
    for (const [label, example] of setOf().examples.entries()) {
      const tokens = [...tokenizer.encode(labels[label] as string), tokenizer.special(chat.stop)];
      const deepest = Math.max(...example.answers.map(({ place }) => place));
      expect(example.ids).toEqual([...ids, ...tokens.slice(0, deepest - ids.length + 1)]);
    }
  });

  it("lose exactly the log-probability that the decoder gives the label", () => {
    const { trie } = closedSet();
    const ids = inputTokens(engine.interpreter, input);
    const way = (node: number): number[] => {
      const { token, parent } = trie.nodes[node] ?? {};
      return token === undefined ? ids : [...way(parent as number), token];
    };
    const { examples, columns = [] } = setOf();
    const gains = examples.map((example) =>
      sum(
        example.answers.map(({ place, targets, allowed = [] }) => {
          const before = example.ids.slice(0, place + 1);
          const scores = allowed.map((column) => score(before, columns[column] as number));
          return logShare(scores, allowed.indexOf(targets[0] as number));
        }),
      ),
    );
    for (const [label, gain] of gains.entries()) {
      const decoded = trie.branches.map(({ node, children }) => {
        const chosen = children.findIndex((child) => child.labels.includes(label));
        const scores = children.map(({ token }) => score(way(node), token));
        return chosen < 0 ? 0 : logShare(scores, chosen);
      });
      expect(gain).toBeCloseTo(sum(decoded), 10);
    }
    expect(sum(gains.map(Math.exp))).toBeCloseTo(1, 10);
  });
});

describe("examples of texts", () => {
  it("teach every token of the answer and the stop, and weigh 1 in all", () => {
    const { tokenizer, chat } = engine.interpreter;
    const pairs = ["Yes", "An answer of some more words than that", ""].map((output) => ({ input: "Why?", output }));
    const { examples, columns } = trainingSet(engine, contract({ kind: "string" }), pairs, seededRandom(1));
    expect(columns).toBeUndefined();
    const ids = inputTokens(engine.interpreter, "Why?");
    for (const [i, example] of examples.entries()) {
      const tokens = [...tokenizer.encode(pairs[i]?.output as string), tokenizer.special(chat.stop)];
      expect(example.ids).toEqual([...ids, ...tokens.slice(0, -1)]);
      expect(example.answers.map(({ place }) => place)).toEqual(tokens.map((_, at) => ids.length - 1 + at));
      expect(example.answers.flatMap(({ targets }) => targets)).toEqual(tokens);
      expect(sum(example.answers.flatMap(({ weights }) => weights))).toBeCloseTo(1, 10);
    }
  });
});
