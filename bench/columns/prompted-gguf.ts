import { availableParallelism } from "node:os";
import { Template } from "@huggingface/jinja";
import { type LabelTrie, labelChoices, labelTrie, logSoftmax } from "@unplugin-paw/runtime/decode";
import type { LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";
import { openLlama } from "../../test/oracle.ts";
import type { Task } from "../suite.ts";
import type { Column } from "./column.ts";

const contextSize = 2048;
/** Stands for the input where the chat template is rendered; no template and no task has it. */
const inputMark = "\u{E000}INPUT\u{E000}";

/**
 * A larger model, prompted: instructions as the system turn, examples as user and assistant turns, in the chat template
 * that its GGUF carries. It decodes as the interpreter does (labels over their trie, texts greedily) and its prompt is
 * evaluated once a task and context.
 */
export function promptedColumns(path: string): Column[] {
  let opened: Promise<Prompted[]> | undefined;
  const column = (name: string, title: string, most: number): Column => ({
    name,
    title,
    async answers(task, { instructions }) {
      opened ??= openPrompted(path);
      const texts: string[] = [];
      const inputs = task.test.entries();
      // Each context takes the next input when it is done with one.
      const work = (await opened).map(async (prompted) => {
        const promptTokens = await prompted.usePrompt(instructions, task.train.slice(0, most));
        const answer = task.labels ? labelAnswers(prompted, task.labels) : textAnswers(prompted, task);
        for (const [i, { input }] of inputs) texts[i] = await answer(prompted.inputTokens(input));
        return promptTokens;
      });
      const [promptTokens = 0] = await Promise.all(work);
      return { texts, numbers: { promptTokens } };
    },
  });
  return [
    column("promptedInstructions", "larger model, instructions only", 0),
    column("promptedFourShot", "larger model, 4-shot prompt", 4),
  ];
}

/** A context of the larger model. */
class Prompted {
  readonly model: LlamaModel;
  private readonly sequence: LlamaContextSequence;
  private readonly template: Template;
  private promptLength = 0;
  private afterInput: Token[] = [];

  constructor(model: LlamaModel, sequence: LlamaContextSequence) {
    this.model = model;
    this.sequence = sequence;
    const template = model.fileInfo.metadata.tokenizer.chat_template;
    if (!template)
      throw new Error(`${model.filename} has no chat template: --prompted-gguf needs an instruction-tuned model`);
    this.template = new Template(template);
  }

  /**
   * Evaluates what stands before every input.
   *
   * @returns how many tokens that is
   */
  async usePrompt(instructions: string, shots: Task["train"]): Promise<number> {
    const turns = shots.flatMap(({ input, output }) => [
      { role: "user", content: input },
      { role: "assistant", content: output },
    ]);
    const rendered = this.template.render({
      messages: [{ role: "system", content: instructions }, ...turns, { role: "user", content: inputMark }],
      add_generation_prompt: true,
      bos_token: this.model.tokens.bosString ?? "",
      eos_token: this.model.tokens.eosString ?? "",
    });
    const [before = "", after = ""] = rendered.split(inputMark);
    const prompt = this.model.tokenize(before, true);
    this.afterInput = this.model.tokenize(after, true);
    await this.sequence.clearHistory();
    await this.sequence.evaluateWithoutGeneratingNewTokens(prompt);
    this.promptLength = prompt.length;
    return prompt.length;
  }

  /** Tokens of an input and of what follows it up to the answer. Nothing in the input is special. */
  inputTokens(text: string): Token[] {
    return [...this.model.tokenize(text, false), ...this.afterInput];
  }

  /** Goes back to the prompt plus its first `kept` tokens behind it. */
  async rewind(kept: number): Promise<void> {
    const start = this.promptLength + kept;
    const end = this.sequence.nextTokenIndex;
    if (start < end) await this.sequence.eraseContextTokenRanges([{ start, end }]);
  }

  /** Runs tokens; log-probabilities of some candidates for the next one, as the model gives them. */
  async logProbabilities(tokens: readonly Token[], candidates: readonly Token[]): Promise<number[]> {
    const unchanged = { temperature: 1, topK: 0, topP: 1, minP: 0 };
    const wanted = { generateNext: { probabilities: true, options: unchanged } };
    const last = tokens.length - 1;
    const found = await this.sequence.controlledEvaluate(
      tokens.map((token, i) => (i === last ? [token, wanted] : token)),
    );
    const probabilities = found[last]?.next.probabilities;
    return candidates.map((token) => Math.log(probabilities?.get(token) ?? 0));
  }

  /** Runs tokens and decodes greedily. */
  async text(tokens: Token[], limit: number): Promise<string> {
    const answer: Token[] = [];
    for await (const token of this.sequence.evaluate(tokens, { temperature: 0 })) {
      if (this.model.isEogToken(token)) break;
      answer.push(token);
      if (answer.length === limit) break;
    }
    return this.model.detokenize(answer);
  }
}

/**
 * Opens the model with a context of one thread for each core. llama.cpp's threads wait for each other by spinning:
 * beside another busy process, two of one context took 18 s for eight tokens where one took half a second.
 */
async function openPrompted(path: string): Promise<Prompted[]> {
  const contexts = availableParallelism();
  const llama = await openLlama(contexts);
  const model = await llama.loadModel({ modelPath: path });
  return await Promise.all(
    Array.from({ length: contexts }, async () => {
      const context = await model.createContext({ contextSize, batchSize: 512, threads: 1 });
      return new Prompted(model, context.getSequence());
    }),
  );
}

/**
 * The runtime's rule for closed labels: the product, over the branches on a label's way, of its share among the
 * branch's tokens.
 */
function labelAnswers(prompted: Prompted, labels: readonly string[]): (input: Token[]) => Promise<string> {
  const { model } = prompted;
  const tokens = labels.map((label) => model.tokenize(label, false));
  const trie = labelTrie(labelChoices(tokens, model.tokens.eos ?? model.tokens.eot ?? -1));
  return async (input) => {
    const scores = new Array<number>(labels.length).fill(0);
    for (const [i, { node, children }] of trie.branches.entries()) {
      // After the first branch only the input's last token runs again, to have one to ask where labels part right
      // behind it.
      const kept = i === 0 ? 0 : input.length - 1;
      await prompted.rewind(kept);
      const found = await prompted.logProbabilities(
        [...input.slice(kept), ...wayTo(trie, node)],
        children.map(({ token }) => token as Token),
      );
      const shares = logSoftmax(found);
      for (const [c, child] of children.entries()) {
        for (const label of child.labels) scores[label] = (scores[label] as number) + (shares[c] as number);
      }
    }
    return labels[scores.indexOf(Math.max(...scores))] as string;
  };
}

/** Tokens from the root of a trie to a node. */
function wayTo({ nodes }: LabelTrie, node: number): Token[] {
  const found = nodes[node];
  return found ? [...wayTo({ nodes } as LabelTrie, found.parent), found.token as Token] : [];
}

/** Greedy decoding up to the interpreter's own limit: four times the longest training answer, 32 to 256 tokens. */
function textAnswers(prompted: Prompted, { train }: Task): (input: Token[]) => Promise<string> {
  const longest = Math.max(...train.map(({ output }) => prompted.model.tokenize(output, false).length));
  const limit = Math.min(256, Math.max(32, 4 * longest));
  return async (input) => {
    await prompted.rewind(0);
    return await prompted.text(input, limit);
  };
}
