/** What the compiler and the command line use of the runtime: a program is scored by the decoder that will run it. */
export { type Answer, answer, contractTrie, type Engine, inputTokens, type Runnable } from "./answer.ts";
export { type LocalEngine, onnxruntime, sharedEngine } from "./engine.ts";
export { calibrate, logSoftmax, scoreLabels } from "./labels.ts";
export { decodeText } from "./text.ts";
export { type LabelTrie, labelTrie } from "./trie.ts";
