import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCard, type InterpreterCard, openInterpreter } from "@unplugin-paw/interpreter";
import { type Onnxruntime, Session } from "@unplugin-paw/interpreter/session";
import ort from "onnxruntime-node";
import { greedyAnswers, openLlama, openOracle, oracleAnswers, oracleFile, preference } from "../test/oracle.ts";
import { prompts as oraclePrompts } from "../test/oracle-prompts.ts";
import { strings } from "../test/oracle-strings.ts";
import type { Options } from "./options.ts";
import { printTable, writeResults } from "./report.ts";

/**
 * A model of another architecture: biases, K-quants, a vocabulary's projection of its own, another pre-tokenizer. It is
 * a card and no code, for this benchmark only: eleven times larger than the interpreter, it is too slow to run
 * programs.
 */
const qwen: InterpreterCard = {
  id: "qwen2.5-coder-1.5b-instruct",
  licence: "Apache-2.0",
  architecture: "qwen2",
  file: {
    name: "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    bytes: 1_117_320_768,
    sha256: "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
  },
  sources: [],
  chat: findCard().chat,
};
const answerLength = 10;

/** Tokens and greedy answers of models of two architectures, beside llama.cpp on the same file. */
export default async function architectures({ gguf, tests = "100" }: Options): Promise<void> {
  if (!gguf) throw new Error(`architectures needs --gguf PATH, a copy of ${qwen.file.name}`);
  const rows: Row[] = [];
  for (const [card, path] of [
    [qwen, gguf],
    [findCard(), await oracleFile()],
  ] as const) {
    rows.push(await compare(card, path, Number(tests)));
    console.error(JSON.stringify(rows.at(-1)));
  }
  printTable(
    ["model", "architecture", "equal tokens", "equal greedy answers", "largest preference (logits)"],
    rows.map((row) => [
      row.id,
      row.architecture,
      `${row.tokens} of ${row.strings}`,
      `${row.answers} of ${row.prompts}`,
      row.preference.toFixed(2),
    ]),
  );
  writeResults("architectures", { rows });
  process.exit(0);
}

interface Row {
  id: string;
  architecture: string;
  strings: number;
  /** Strings with the same token ids. */
  tokens: number;
  prompts: number;
  /** Prompts with the same greedy answer of ten tokens. */
  answers: number;
  /** How much the run graph prefers its token to llama.cpp's, where the two part. */
  preference: number;
}

async function compare(card: InterpreterCard, gguf: string, count: number): Promise<Row> {
  const home = await mkdtemp(join(tmpdir(), "paw-architecture-"));
  try {
    const interpreter = await openInterpreter({ card, gguf, home });
    const { tokenizer, chat, config, model } = interpreter;
    const llama = await openLlama(1);
    const vocabulary = await llama.loadModel({ modelPath: gguf, vocabOnly: true });
    const texts = strings();
    const same = texts.filter((text) => tokenizer.encode(text).join() === vocabulary.tokenize(text, false).join());
    await vocabulary.dispose();

    // Spread over the tasks.
    const all = oraclePrompts(interpreter);
    const prompts = Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)] as number[]);
    const oracle = await openOracle(512, gguf);
    const expected = await oracleAnswers(oracle, prompts, answerLength);
    await oracle.context.model.dispose();

    const session = await Session.open(ort as unknown as Onnxruntime, model, config);
    const stop = tokenizer.special(chat.stop);
    const answers = await greedyAnswers(session, prompts, { stop, maxTokens: answerLength });
    const equal = answers.filter((answer, i) => answer.join() === expected[i]?.join()).length;
    let largest = 0;
    for (const [i, answer] of answers.entries()) {
      const theirs = expected[i] as number[];
      largest = Math.max(largest, await preference(session, prompts[i] as number[], answer, theirs, stop));
    }
    await session.release();
    return {
      id: card.id,
      architecture: card.architecture,
      strings: texts.length,
      tokens: same.length,
      prompts: prompts.length,
      answers: equal,
      preference: largest,
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
