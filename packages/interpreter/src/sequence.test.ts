import ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LoadedModel, type Onnxruntime } from "./loaded-model.ts";
import { openInterpreter } from "./open.ts";
import { chain, Sequence } from "./sequence.ts";

let model: LoadedModel;
let sequence: Sequence;
let fork: () => Sequence;
let encode: (text: string) => number[];
beforeAll(async () => {
  const { model: path, config, tokenizer } = await openInterpreter();
  model = await LoadedModel.open(ort as unknown as Onnxruntime, path, {});
  fork = () => new Sequence(model, config, false);
  sequence = fork();
  encode = tokenizer.encode;
});
afterAll(() => model.release());

/** Logits behind a text, run alone and at once. */
async function alone(ids: readonly number[]): Promise<Float32Array> {
  sequence.begin();
  const [logits] = await sequence.append(chain(ids), [ids.length - 1]);
  return logits as Float32Array;
}

/** Rounding differs with the shapes of the products; nothing else may. */
function expectClose(found: Float32Array | undefined, expected: Float32Array): void {
  let worst = 0;
  for (const [i, value] of expected.entries()) worst = Math.max(worst, Math.abs(value - (found?.[i] ?? Number.NaN)));
  expect(worst).toBeLessThan(2e-3);
}

describe("an input's values", () => {
  it("are the cache's, of the given tokens and the last layers", async () => {
    const ids = encode("The quick brown fox jumps over the lazy dog");
    sequence.begin();
    await sequence.append(chain(ids), []);
    const { heads, headSize, tokens, values, layers: all } = sequence.snapshot(ids.length);
    const [from, count, layers] = [2, 5, 3];
    const found = sequence.inputValues(from, count, layers);
    expect(found).toHaveLength(layers * heads * headSize);
    for (const [at, value] of found.entries()) {
      const layer = all - layers + Math.floor(at / (heads * headSize));
      const head = Math.floor(at / headSize) % heads;
      const ofToken = (token: number) =>
        values[((layer * heads + head) * tokens + token) * headSize + (at % headSize)] as number;
      let sum = 0;
      for (let token = from; token < from + count; token++) sum += ofToken(token);
      expect(value).toBeCloseTo((sum / count + ofToken(from + count - 1)) / 2, 4);
    }
  });

  it("of an input are the same alone and beside others, behind a prefix", async () => {
    const [opening, first, second] = ["Once upon a time", " there was", " a king lived"].map(encode) as [
      number[],
      number[],
      number[],
    ];
    sequence.begin();
    await sequence.append(chain(opening), []);
    const prefix = sequence.snapshot(opening.length);
    sequence.begin(prefix);
    await sequence.append(chain(second), []);
    const alone = sequence.inputValues(0, second.length, 15);
    sequence.begin(prefix);
    await sequence.append([...chain(first), ...chain(second, -1, first.length)], []);
    const beside = sequence.inputValues(first.length, second.length, 15);
    for (const [i, value] of alone.entries()) expect(Math.abs(value - (beside[i] as number))).toBeLessThan(2e-3);
  });
});

describe("a tree of tokens", () => {
  it("gives each branch what it would get alone", async () => {
    const stem = encode("The weather today is");
    const branches = [" sunny and", " cold, so take a coat and", " not what"].map(encode);
    const expected: Float32Array[] = [];
    for (const branch of branches) expected.push(await alone([...stem, ...branch]));
    sequence.begin();
    await sequence.append(chain(stem), []);
    const tokens = [];
    const ends: number[] = [];
    for (const branch of branches) {
      tokens.push(...chain(branch, stem.length - 1, stem.length + tokens.length));
      ends.push(tokens.length - 1);
    }
    const logits = await sequence.append(tokens, ends);
    for (const [i, row] of expected.entries()) expectClose(logits[i], row);
  });

  it("may begin with several branches, without a prefix or a stem", async () => {
    const [first, second] = ["The capital of France is", "One two three"].map(encode) as [number[], number[]];
    const [more] = encode(" four");
    const expected = await alone([...second, more as number]);
    sequence.begin();
    await sequence.append([...chain(first), ...chain(second, -1, first.length)], []);
    const [logits] = await sequence.append([{ id: more as number, parent: first.length + second.length - 1 }], [0]);
    expectClose(logits, expected);
  });

  it("goes on where it was after tokens are forgotten", async () => {
    const [first, wrong, right] = ["I would like", " a cup of tea please", " to cancel my order"].map(encode) as [
      number[],
      number[],
      number[],
    ];
    const expected = await alone([...first, ...right]);
    sequence.begin();
    await sequence.append(chain(first), []);
    await sequence.append(chain(wrong, first.length - 1), []);
    sequence.truncate(first.length);
    expect(sequence.length).toBe(first.length);
    const [logits] = await sequence.append(chain(right, first.length - 1), [right.length - 1]);
    expectClose(logits, expected);
  });

  it("grows its cache, and runs long texts in parts", async () => {
    const ids = encode("One two three four five six seven eight nine ten. ".repeat(60));
    expect(ids.length).toBeGreaterThan(600);
    const expected = await alone(ids);
    sequence.begin();
    await sequence.append(chain(ids.slice(0, 300)), []);
    const [logits, same] = await sequence.append(chain(ids.slice(300), 299), [ids.length - 301, ids.length - 301]);
    expectClose(logits, expected);
    expect(same).toEqual(logits);
  });

  it("refuses a prefix of another model, and shows nothing of the one before it", async () => {
    const { layers, kvHeads: heads, headSize } = sequence.config;
    const sizes = { layers, heads, tokens: 3, headSize };
    const make = (change: Partial<typeof sizes>) => {
      const all = { ...sizes, ...change };
      const length = all.layers * all.heads * all.tokens * all.headSize;
      return { ...all, keys: new Float32Array(length), values: new Float32Array(length) };
    };
    const expected = await alone(encode("Hello"));
    for (const change of [{ layers: layers - 1 }, { heads: heads + 1 }, { headSize: headSize / 2 }, { tokens: 8192 }]) {
      expect(() => sequence.begin(make(change))).toThrow("is none of this model");
    }
    const short = { ...make({}), keys: new Float32Array(5) };
    expect(() => sequence.begin(short)).toThrow("is none of this model");
    expectClose(await alone(encode("Hello")), expected);
  });

  it("refuses more than the context holds, and is none the worse", async () => {
    sequence.begin();
    await expect(sequence.append(chain(new Array(8193).fill(5)), [])).rejects.toThrow(
      "8193 tokens do not fit: there is room for 8192",
    );
    expectClose(await alone(encode("Hello")), await alone(encode("Hello")));
  });
});

describe("a prefix", () => {
  it("stands for the tokens that it was made of, also after another was used", async () => {
    const [prompt, input] = ["Answer with the capital. France: Paris. Japan:", " Tokyo. Italy:"].map(encode) as [
      number[],
      number[],
    ];
    const expected = await alone([...prompt, ...input]);
    sequence.begin();
    await sequence.append(chain(prompt), []);
    const prefix = sequence.snapshot(prompt.length);
    expect(prefix.keys).toHaveLength(30 * 3 * prompt.length * 64);
    for (const other of [prefix, undefined, { ...prefix, keys: prefix.keys.map((key) => -key) }]) {
      sequence.begin(other);
      await sequence.append(chain(encode("something else")), []);
      sequence.begin(prefix);
      const [logits] = await sequence.append(chain(input), [input.length - 1]);
      expectClose(logits, expected);
    }
    sequence.begin(prefix);
    expect(sequence.snapshot(0)).toEqual(prefix);
  });
});

describe("a sequence of its own", () => {
  it("goes on beside another, each with its prefix and its tokens", async () => {
    const [first, second] = ["The capital of France is", "One, two, three,"].map(encode) as [number[], number[]];
    const expected = [await alone(first), await alone(second)];
    const forks = [fork(), fork()] as const;
    const both = [first, second].map(async (ids, i) => {
      const [logits] = await (forks[i] as Sequence).append(chain(ids), [ids.length - 1], { run: 2 });
      return logits;
    });
    for (const [i, logits] of (await Promise.all(both)).entries()) expectClose(logits, expected[i] as Float32Array);
  });

  it("can be interrupted between two runs, and is none the worse", async () => {
    const ids = encode("one two three four five six");
    const other = fork();
    let runs = 0;
    const pause = () => {
      if (++runs === 2) throw new Error("enough");
    };
    await expect(other.append(chain(ids), [0], { run: 1, pause })).rejects.toThrow("enough");
    expect(other.length).toBe(2);
    other.begin();
    const [logits] = await other.append(chain(ids), [ids.length - 1]);
    expectClose(logits, await alone(ids));
  });

  it("keeps its prefix when a long input's cache is given back", async () => {
    const prompt = encode("Say the capital. France: Paris. Italy:");
    sequence.begin();
    await sequence.append(chain(prompt), []);
    const prefix = sequence.snapshot(prompt.length);
    const other = fork();
    const answer = async (expected: number) => {
      other.begin(prefix, expected);
      return (await other.append(chain([5]), [0]))[0] as Float32Array;
    };
    const before = await answer(1);
    other.begin(prefix, 2_000);
    expect(other.snapshot(0)).toEqual(prefix);
    expectClose(await answer(2_000), before);
    expectClose(await answer(1), before);
    expect(other.snapshot(0)).toEqual(prefix);
  });
});
