// What the product makes of texts and prompts, for comparison: reads {texts, questions} as JSON from its input, writes tokens and scores.
import { promptTokens } from "@unplugin-paw/compiler/internals";
import { chain } from "@unplugin-paw/interpreter/session";
import { inputTokens, labelTrie, scoreLabels, sharedEngine } from "@unplugin-paw/runtime/internals";

const { texts, questions } = JSON.parse(await new Response(process.stdin).text());
const { interpreter, session } = await sharedEngine();
const { tokenizer, chat } = interpreter;
const answers = [];
for (const { instructions, labels, shots, inputs } of questions) {
  const prompt = promptTokens(interpreter, { instructions, shots });
  const ids = inputs.map((input) => inputTokens(interpreter, input));
  const stop = tokenizer.special(chat.stop);
  const result = await session.exclusive(async () => {
    session.use(undefined);
    await session.append(chain(prompt), []);
    const prefix = session.snapshot(prompt.length);
    const logits = [];
    for (const one of ids) {
      session.use(prefix);
      const [last] = await session.append(chain(one), [one.length - 1]);
      logits.push([...last]);
    }
    if (!labels) return { logits };
    session.use(prefix);
    const trie = labelTrie(
      labels.map((label) => tokenizer.encode(label)),
      stop,
    );
    return { logits, scores: await scoreLabels(session, ids, trie) };
  });
  answers.push({ prompt, ids, ...result });
}
process.stdout.write(JSON.stringify({ tokens: texts.map((text) => tokenizer.encode(text)), answers }));
