// What the product makes of texts and prompts, for comparison: reads {interpreter, texts, questions} as JSON from its input, writes tokens and scores.
import { promptTokens } from "@unplugin-paw/compiler/internals";
import { chain } from "@unplugin-paw/interpreter/session";
import { inputTokens, labelChoices, labelTrie, scoreLabels } from "@unplugin-paw/runtime/decode";
import { sharedEngine } from "@unplugin-paw/runtime/engine";

const { interpreter: id, texts, questions } = JSON.parse(await new Response(process.stdin).text());
const { interpreter, session } = await sharedEngine({ id });
const { tokenizer, chat } = interpreter;
const answers = [];
for (const { instructions, labels, shots, inputs } of questions) {
  const prompt = promptTokens(interpreter, { instructions, shots });
  const ids = inputs.map((input) => inputTokens(interpreter, input));
  const stop = tokenizer.special(chat.stop);
  const prefix = await session.prefill(prompt);
  const result = await session.use(async (sequence) => {
    const logits = [];
    for (const one of ids) {
      sequence.begin(prefix);
      const [last] = await sequence.append(chain(one), [one.length - 1]);
      logits.push([...last]);
    }
    if (!labels) return { logits };
    sequence.begin(prefix);
    const tokens = labels.map((label) => tokenizer.encode(label));
    const trie = labelTrie(labelChoices(tokens, stop));
    const scored = await scoreLabels(sequence, ids, trie);
    return { logits, scores: scored.map(({ scores }) => scores) };
  });
  answers.push({ prompt, ids, ...result });
}
process.stdout.write(JSON.stringify({ tokens: texts.map((text) => tokenizer.encode(text)), answers }));
