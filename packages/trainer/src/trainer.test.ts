import { type Interpreter, openInterpreter } from "@unplugin-paw/interpreter";
import { readFloatWeights } from "@unplugin-paw/interpreter/model";
import { chain, type KeyValues, type Onnxruntime, Session } from "@unplugin-paw/interpreter/session";
import ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawPlaces, pick, putBack } from "./dropout.ts";
import { seededRandom } from "./random.ts";
import { type Example, Trainer } from "./trainer.ts";

const onnxruntime = ort as unknown as Onnxruntime;
let interpreter: Interpreter;
let session: Session;
let trainer: Trainer;
let prefix: KeyValues;
beforeAll(async () => {
  interpreter = await openInterpreter();
  session = await Session.open(onnxruntime, interpreter.model, interpreter.config);
  trainer = await Trainer.open(onnxruntime, interpreter.config, await readFloatWeights(interpreter), {
    choice: "vocabulary",
  });
  const prompt = interpreter.tokenizer.encode("The mood of each text, good or bad. I love this: good. I hate it: bad.");
  prefix = await session.prefill(prompt);
}, 60_000);
afterAll(async () => {
  await session.release();
  await trainer.release();
});

const parameters = () => {
  const shape = [prefix.layers, prefix.heads, prefix.tokens, prefix.headSize];
  return { keys: { shape, data: prefix.keys.slice() }, values: { shape, data: prefix.values.slice() } };
};
const example = (text: string, answer: string): Example => {
  const ids = interpreter.tokenizer.encode(text);
  const [token = 0] = interpreter.tokenizer.encode(answer);
  return { ids, answers: [{ place: ids.length - 1, targets: [token], weights: [0.5] }] };
};

describe("the trainer", () => {
  it("computes what the run graph computes, whatever stands beside an example", async () => {
    const texts = [" What a lovely morning:", " Never again will I come here, it was awful:"];
    const rows = await trainer.logits({ examples: texts.map((text) => example(text, " good")) }, parameters());
    for (const [i, text] of texts.entries()) {
      const ids = interpreter.tokenizer.encode(text);
      const [expected] = await session.use(async (sequence) => {
        sequence.begin(prefix);
        return await sequence.append(chain(ids), [ids.length - 1]);
      });
      let worst = 0;
      for (const [j, value] of (expected as Float32Array).entries()) {
        worst = Math.max(worst, Math.abs(value - (rows[i]?.[j] ?? Number.NaN)));
      }
      expect(worst).toBeLessThan(5e-3);
    }
  });

  it("gives the same gradients for the same batch, which lower the loss", async () => {
    const batch = { examples: [example(" What a lovely morning:", " good"), example(" It is cold here:", " bad")] };
    const now = parameters();
    const first = await trainer.step(batch, now);
    const second = await trainer.step(batch, now);
    for (const name of ["keys", "values"] as const) {
      expect(second.gradients[name]?.data).toEqual(first.gradients[name]?.data);
      const { data } = now[name];
      first.gradients[name]?.data.forEach((gradient, i) => {
        data[i] = (data[i] as number) - 0.1 * gradient;
      });
    }
    expect((await trainer.step(batch, now)).loss).toBeLessThan(first.loss);
  });

  it("sees a prefix in part, from the same position on, and its gradients fit the whole", async () => {
    const batch = { examples: [example(" What a lovely morning:", " good")] };
    const { keys, values } = parameters();
    const places = drawPlaces(keys.shape, 0.4, seededRandom(5));
    const part = { keys: pick(keys, places), values: pick(values, places) };
    const { loss, gradients } = await trainer.step(batch, part, prefix.tokens);
    // A step down the gradient of the part, put back, is a step of the whole that the part sees.
    for (const [name, whole] of Object.entries({ keys, values })) {
      const gradient = putBack(gradients[name as "keys"] as typeof keys, places, whole.shape);
      whole.data.forEach((value, i) => {
        whole.data[i] = value - 0.1 * (gradient.data[i] as number);
      });
    }
    const moved = { keys: pick(keys, places), values: pick(values, places) };
    expect((await trainer.step(batch, moved, prefix.tokens)).loss).toBeLessThan(loss);
    // Without the position the same part stands elsewhere.
    expect(Math.abs((await trainer.step(batch, part)).loss - loss)).toBeGreaterThan(1e-4);
    // The order in which a head's vectors stand is nothing to it.
    const turned = places.map((own) => [...own].reverse());
    const again = { keys: pick(parameters().keys, turned), values: pick(parameters().values, turned) };
    expect((await trainer.step(batch, again, prefix.tokens)).loss).toBeCloseTo(loss, 4);
  });
});
