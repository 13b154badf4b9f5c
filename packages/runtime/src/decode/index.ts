/**
 * Decoding: what may follow in an answer, and passes of inputs through the model. The compiler scores programs with
 * what runs them.
 */
export { type Answer, answerAll, answers, type Found } from "./answer.ts";
export { type AnswerChoices, answerChoices } from "./answer-choices.ts";
export { anyText, type Choices, type Decision, decisions } from "./choices.ts";
export { type Generated, generate, mostProbable } from "./generate.ts";
export type { Engine, Runnable, Vocabulary } from "./interfaces.ts";
export { type PassLimits, passes } from "./passes.ts";
export { inputTokens } from "./read-inputs.ts";
export { calibrate, logSoftmax, type Scored, scoreLabels, sigmoid } from "./score.ts";
export { type LabelTrie, labelChoices, labelTrie } from "./trie.ts";
export { isOfWholeWords } from "./verbatim.ts";
