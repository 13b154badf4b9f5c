import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename } from "node:path";
import type { JsonSchema } from "@unplugin-paw/program";
import type { Token } from "node-llama-cpp";
import { TeacherError } from "./errors.ts";
import type { Prompt, TeacherModel } from "./model.ts";
import { weighAnswers } from "./rank.ts";

/** Tokens of prompt and answer together. */
const CONTEXT = 4096;

/**
 * A GGUF file as a teacher, run on this machine by llama.cpp: no key, no network.
 *
 * @throws {TeacherError} `MISSING`: node-llama-cpp is not installed, or there is no such file
 */
export async function ggufModel(path: string): Promise<TeacherModel> {
  if (!existsSync(path)) {
    throw new TeacherError("MISSING", `There is no file ${path}.`, "teacher.gguf is the path of a chat model's GGUF.");
  }
  const { getLlama, LlamaChatSession, LlamaLogLevel, resolveChatWrapper, TokenBias } = await import(
    "node-llama-cpp"
  ).catch((cause) => {
    const hint = "npm install --save-dev node-llama-cpp";
    throw new TeacherError("MISSING", "A teacher of a GGUF runs on node-llama-cpp, which is not here.", hint, {
      cause,
    });
  });
  const threads = availableParallelism();
  const llama = await getLlama({ maxThreads: threads, logLevel: LlamaLogLevel.error, progressLogs: false });
  const model = await llama.loadModel({ modelPath: path });
  const context = await model.createContext({ contextSize: CONTEXT, threads });
  const sequence = context.getSequence();
  const chatWrapper = resolveChatWrapper(model);
  // JSON needs no line break, and a model that sets them doubles what it writes. (Unlikely, not forbidden: the grammar
  // ends with some.)
  const oneLine = TokenBias.for(model);
  for (const token of model.iterateAllTokens()) {
    if (model.detokenize([token]).includes("\n")) oneLine.set(token, { logit: -50 });
  }
  return {
    id: basename(path, ".gguf"),
    async complete({ system, user, maxTokens, temperature, list }, { signal, onRequest }) {
      onRequest();
      // Small models lose the form that is asked for; a grammar keeps it. (A schema that it cannot express is left to
      // the model.)
      const grammar =
        list && (await llama.createGrammarForJsonSchema(listSchema(list) as never).catch(() => undefined));
      // (What two prompts share stays in the sequence, and is not computed again.)
      const session = new LlamaChatSession({ contextSequence: sequence, chatWrapper, systemPrompt: system });
      const before = sequence.tokenMeter.getState();
      try {
        const text = await session.prompt(user, {
          ...{ maxTokens, temperature, signal, stopOnAbortSignal: false },
          ...(grammar && { grammar, tokenBias: oneLine }),
          // Asked for something new, a small model says the same again and again.
          ...(temperature > 0 && { repeatPenalty: { penalty: 1.1, presencePenalty: 0.3, lastTokens: 256 } }),
        });
        const used = sequence.tokenMeter.diff(before);
        return { text, tokens: { input: used.usedInputTokens, output: used.usedOutputTokens } };
      } finally {
        session.dispose({ disposeSequence: false });
      }
    },
    async rank({ system, user, options }, { signal, onRequest }) {
      signal.throwIfAborted();
      onRequest();
      const before = sequence.tokenMeter.getState();
      const { contextText } = chatWrapper.generateContextState({
        chatHistory: [
          { type: "system", text: system },
          { type: "user", text: user },
          { type: "model", response: [""] },
        ],
      });
      const question = contextText.tokenize(model.tokenizer);
      const end = model.tokens.eot ?? model.tokens.eos;
      const answers = options.map((text) => [...model.tokenize(text), ...(end === null ? [] : [end])]);
      const logProbabilities = await weighAnswers(answers, async (behind, candidates) => {
        const tokens = [...question, ...(behind as Token[])];
        // The last one runs again, to be asked what follows it.
        await sequence.adaptStateToTokens(tokens.slice(0, -1), false);
        const rest = tokens.slice(sequence.nextTokenIndex);
        const wanted = {
          generateNext: { probabilities: true, options: { temperature: 1, topK: 0, topP: 1, minP: 0 } },
        };
        const found = await sequence.controlledEvaluate(
          rest.map((token, i) => (i === rest.length - 1 ? [token, wanted] : token)),
        );
        const probabilities = found[rest.length - 1]?.next.probabilities;
        return candidates.map((token) => Math.log(probabilities?.get(token as Token) ?? Number.MIN_VALUE));
      });
      const used = sequence.tokenMeter.diff(before);
      return { logProbabilities, tokens: { input: used.usedInputTokens, output: used.usedOutputTokens } };
    },
    close: () => llama.dispose(),
  };
}

function listSchema({ item: { $schema: _, ...items }, count }: NonNullable<Prompt["list"]>): JsonSchema {
  return { type: "array", items, minItems: count, maxItems: count };
}
