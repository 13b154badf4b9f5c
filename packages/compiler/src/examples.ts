import { type Contract, outputLabels } from "@unplugin-paw/program";
import { contractTrie, type Engine, inputTokens, type LabelTrie } from "@unplugin-paw/runtime/internals";
import type { Example, TrainingSet } from "@unplugin-paw/trainer";
import { learntAnswer } from "./length.ts";
import type { Shot } from "./prompt.ts";

/**
 * Turns pairs into examples of what the decoder does. Texts: every token of the answer and the stop token, out of the whole
 * vocabulary. Closed labels: only the branches of the trie on the way to the right label, out of the tokens that part there; the loss
 * is then exactly the negative log-probability that the decoder gives the label.
 */
export function trainingSet(engine: Engine, contract: Contract, pairs: readonly Shot[]): TrainingSet {
  const labels = outputLabels(contract);
  if (!labels) return { examples: pairs.map((pair) => textExample(engine, pair)) };
  const trie = contractTrie(engine.interpreter, contract, labels);
  const columns = [...new Set(trie.branches.flatMap(({ children }) => children.map(({ token }) => token)))];
  const example = ({ input, output }: Shot) => labelExample(engine, input, labels.indexOf(output), trie, columns);
  return { columns, examples: pairs.map(example) };
}

function textExample({ interpreter }: Engine, { input, output }: Shot): Example {
  const ids = inputTokens(interpreter, input);
  const answer = learntAnswer(interpreter, output);
  return {
    // The stop token need not be run: nothing follows it.
    ids: [...ids, ...answer.slice(0, -1)],
    answers: answer.map((token, i) => ({ place: ids.length - 1 + i, targets: [token], weights: [1 / answer.length] })),
  };
}

function labelExample(
  { interpreter }: Engine,
  input: string,
  label: number,
  trie: LabelTrie,
  columns: readonly number[],
): Example {
  const ids = inputTokens(interpreter, input);
  const root = ids.length - 1;
  const depth = (node: number): number => (node < 0 ? 0 : 1 + depth(trie.nodes[node]?.parent ?? -1));
  const path: number[] = [];
  const answers = trie.branches.flatMap(({ node, children }) => {
    const chosen = children.find(({ labels }) => labels.includes(label));
    if (!chosen) return [];
    for (let at = node, d = depth(node); at >= 0; at = trie.nodes[at]?.parent ?? -1) {
      path[--d] = trie.nodes[at]?.token as number;
    }
    const allowed = children.map(({ token }) => columns.indexOf(token));
    return [{ place: root + depth(node), targets: [columns.indexOf(chosen.token)], weights: [1], allowed }];
  });
  return { ids: [...ids, ...path], answers };
}
