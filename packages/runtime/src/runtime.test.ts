import { getEventListeners } from "node:events";
import { chain, type KeyValues } from "@unplugin-paw/interpreter/session";
import {
  type Contract,
  encodeProgram,
  InputError,
  type OutputContract,
  type Program,
  ProgramError,
  parseOutput,
  renderOutput,
} from "@unplugin-paw/program";
import { beforeAll, describe, expect, it } from "vitest";
import { answerAll, anyText, type Engine, generate, isOfWholeWords, logSoftmax, mostProbable } from "./decode/index.ts";
import { sharedEngine } from "./engine.ts";
import { type PawClassifier, PawError, type PawFunction, type PawQuoter, program } from "./index.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await sharedEngine();
});

const text: Contract = { input: { kind: "string" }, output: { kind: "string" } };
const sentiment: Contract = { input: { kind: "string" }, output: { kind: "labels", labels: ["positive", "negative"] } };

/** The prompt's tokens: a system turn, then pairs. */
function promptIds(instructions: string, pairs: readonly (readonly [string, string])[]): number[] {
  const { tokenizer, chat } = engine.interpreter;
  const turn = (opening: string, body: string) => [
    ...tokenizer.encodeTemplate(opening),
    ...tokenizer.encode(body),
    ...tokenizer.encodeTemplate(chat.end),
  ];
  return [
    ...turn(chat.system, instructions),
    ...pairs.flatMap(([input, output]) => [...turn(chat.user, input), ...turn(chat.assistant, output)]),
    ...tokenizer.encodeTemplate(chat.user),
  ];
}

async function prefixOf(ids: readonly number[]): Promise<KeyValues> {
  return await engine.session.prefill(ids);
}

async function makeProgram(
  contract: Contract,
  ids: readonly number[],
  changes: Partial<Program> = {},
): Promise<Program> {
  return {
    name: "test",
    interpreter: { id: engine.interpreter.id, digest: engine.interpreter.digest },
    spec: { digest: "0" },
    compiler: { version: "0", effort: "test", seed: 0 },
    contract,
    pseudoProgram: "",
    prefix: await prefixOf(ids),
    // The small model likes the first label; a compiler would find this out.
    calibration:
      contract.output.kind === "labels" && contract.output.labels.length === 2
        ? { temperature: 1, bias: [-1, 1] }
        : { temperature: 1 },
    answerTokens: 24,
    scores: { stages: [], tests: null },
    licence: "Apache-2.0",
    ...changes,
  };
}

async function callable<F>(contract: Contract, ids: readonly number[], changes: Partial<Program> = {}): Promise<F> {
  const made = await makeProgram(contract, ids, changes);
  const { name, interpreter } = made;
  return program(encodeProgram(made), { name, interpreter, contract: made.contract, tests: null }) as F;
}

const reviews = [
  ["Loved it, works perfectly", "positive"],
  ["Broke after a day, waste of money", "negative"],
  ["The best thing I have bought this year", "positive"],
  ["Never again, it smells awful", "negative"],
] as const;
const reviewIds = () => promptIds("Is the review positive or negative?", reviews);
const inputs = [
  "Great value, very happy",
  "Broke at once, a waste of money",
  "Exactly what I wanted",
  "Terrible, a waste of money",
];

describe("closed labels", () => {
  it("answers from the set, the same alone and in a batch, with probabilities that sum to 1", async () => {
    const classify = await callable<PawClassifier<string, "positive" | "negative">>(sentiment, reviewIds());
    const batch = await classify.batch(inputs);
    expect(batch.slice(0, 2)).toEqual(["positive", "negative"]);
    for (const [i, input] of inputs.entries()) {
      expect(await classify(input)).toBe(batch[i]);
      const { label, probability, probabilities, abstained } = await classify.classify(input);
      expect(label).toBe(batch[i]);
      expect(probabilities[label]).toBe(probability);
      expect(probabilities.positive + probabilities.negative).toBeCloseTo(1, 6);
      expect(abstained).toBe(false);
    }
  });

  it("scores every label as walking the trie a token at a time does", async () => {
    // Labels that share tokens, and one that is the beginning of another.
    const labels = ["card", "card lost", "card stolen", "other"];
    const contract: Contract = { input: { kind: "string" }, output: { kind: "labels", labels } };
    const ids = promptIds("Route the message.", [["I want a new card", "card"]]);
    const route = await callable<PawClassifier<string, string>>(contract, ids);
    const input = "Somebody took my wallet";
    const { probabilities } = await route.classify(input);

    const { tokenizer, chat } = engine.interpreter;
    const stop = tokenizer.special(chat.stop);
    const paths = labels.map((label) => [...tokenizer.encode(label), stop]);
    const start = [...tokenizer.encode(input), ...tokenizer.encodeTemplate(chat.end + chat.assistant)];
    const prefix = await prefixOf(ids);
    for (const [which, path] of paths.entries()) {
      let probability = 1;
      for (let depth = 0; depth < path.length; depth++) {
        const before = path.slice(0, depth);
        const rivals = new Set(
          paths.filter((other) => before.every((id, i) => other[i] === id)).map((other) => other[depth] as number),
        );
        if (rivals.size < 2) continue;
        const tokens = [...start, ...before];
        const [logits] = await engine.session.use(async (sequence) => {
          sequence.begin(prefix);
          return await sequence.append(chain(tokens), [tokens.length - 1]);
        });
        const choices = [...rivals];
        const shares = logSoftmax(choices.map((id) => logits?.[id] as number));
        probability *= Math.exp(shares[choices.indexOf(path[depth] as number)] as number);
      }
      // The program's prefix went through its file, in 8 bits.
      expect(probabilities[labels[which] as string]).toBeCloseTo(probability, 1);
    }
  });

  it("follows the program's calibration", async () => {
    const bias = [-40, 40];
    const changes = { calibration: { temperature: 1, bias } };
    const biased = await callable<PawClassifier<string, string>>(sentiment, reviewIds(), changes);
    expect(await biased.batch(inputs)).toEqual(["negative", "negative", "negative", "negative"]);
  });

  it("answers null below the spec's abstain, and says so", async () => {
    const unsure = await callable<PawClassifier<string, string, true>>(
      { ...sentiment, abstain: 0.999_999 },
      reviewIds(),
      {
        calibration: { temperature: 20 },
      },
    );
    expect(await unsure("It is a chair")).toBeNull();
    const found = await unsure.classify("It is a chair");
    expect(found.abstained).toBe(true);
    expect(["positive", "negative"]).toContain(found.label);
  });

  it("ranks by labels that are named in an order, however sure it is that they apply", async () => {
    const contract: Contract = { input: { kind: "string" }, output: { kind: "labels", labels: ["10", "5", "1"] } };
    const stars = await callable<PawClassifier<string, string>>(contract, reviewIds());
    const { probabilities } = await stars.classify("It is a chair");
    const expected = (probabilities["5"] as number) / 2 + (probabilities["1"] as number);
    expect(await stars.score("It is a chair")).toBeCloseTo(expected, 5);
    const scope = { layers: 1, weights: new Float32Array(4 * 192), bias: new Float32Array([0, 0, 0, -1]) };
    const scoped = await callable<PawClassifier<string, string>>(contract, reviewIds(), { head: scope });
    expect((await scoped.classify("It is a chair")).unsure).toBeCloseTo(1 / (1 + Math.exp(-1)), 4);
    expect(await scoped.score("It is a chair")).toBeCloseTo(expected, 3);
  });

  it("gives booleans", async () => {
    const contract: Contract = { input: { kind: "string" }, output: { kind: "boolean" } };
    const ids = promptIds("Is it a question?", [
      ["Where are you?", "true"],
      ["I am here.", "false"],
      ["What time is it?", "true"],
      ["It is late.", "false"],
    ]);
    const question = await callable<PawClassifier<string, boolean>>(contract, ids);
    for (const answer of await question.batch(["How are you?", "Fine."])) expect(typeof answer).toBe("boolean");
    const { probabilities } = await question.classify("How are you?");
    expect(await question.score("How are you?")).toBeCloseTo(probabilities.true, 5);
  });
});

describe("texts", () => {
  const capitals = () =>
    promptIds("Name the capital.", [
      ["France", "Paris"],
      ["Japan", "Tokyo"],
      ["Italy", "Rome"],
    ]);

  it("decodes greedily, the same alone and in a batch", async () => {
    const capital = await callable<PawFunction<string, string>>(text, capitals());
    const countries = ["Germany", "Spain", "Egypt"];
    const batch = await capital.batch(countries);
    expect(batch.slice(0, 2)).toEqual(["Berlin", "Madrid"]);
    for (const [i, country] of countries.entries()) expect(await capital(country)).toBe(batch[i]);
  });

  it("gives the tokens of plain greedy decoding, though it guesses ahead", async () => {
    // Answers that repeat their input are where guesses are made and, by and by, go wrong.
    const pairs = [
      ["The blue car is at the old station", "car: blue, place: old station"],
      ["A red bike stands in the long street", "bike: red, place: long street"],
    ] as const;
    const ids = promptIds("Extract the vehicle, its colour and the place.", pairs);
    const prefix = await prefixOf(ids);
    const { tokenizer, chat } = engine.interpreter;
    const stop = tokenizer.special(chat.stop);
    for (const input of [
      "The yellow bus waits at the new yellow market",
      "My van, the green van, is in the green green garden",
    ]) {
      const start = [...tokenizer.encode(input), ...tokenizer.encodeTemplate(chat.end + chat.assistant)];
      await engine.session.use(async (sequence) => {
        const plain: number[] = [];
        let probable = 0;
        const shareOf = (logits: Float32Array) => logSoftmax([...logits])[mostProbable(logits)] as number;
        sequence.begin(prefix);
        let [logits] = await sequence.append(chain(start), [start.length - 1]);
        for (let id = mostProbable(logits as Float32Array); id !== stop && plain.length < 24; ) {
          plain.push(id);
          probable += shareOf(logits as Float32Array);
          const next = { id, parent: sequence.length - 1 };
          [logits] = await sequence.append([next], [0]);
          id = mostProbable(logits as Float32Array);
        }
        sequence.begin(prefix);
        const [found] = await generate(sequence, [{ ids: start, choices: anyText }], { stop, maxTokens: 24 });
        expect(found?.tokens).toEqual(plain);
        if (found?.ended) probable += shareOf(logits as Float32Array);
        expect(found?.logProbabilities.reduce((sum, one) => sum + one)).toBeCloseTo(probable, 3);
      });
    }
  });

  it("answers with a value of its type, whatever it is asked", async () => {
    const pairs = [
      ["two", "2"],
      ["five", "5"],
      ["nine", "9"],
    ] as const;
    const returns = (output: OutputContract): Contract => ({ input: { kind: "string" }, output });
    const count = await callable<PawFunction<string, number>>(
      returns({ kind: "number" }),
      promptIds("Write the number in digits.", pairs),
    );
    expect(await count("seven")).toBe(7);
    const order = {
      type: "object",
      properties: {
        items: { type: "array", items: { enum: ["shoes", "hat"] } },
        customer: { anyOf: [{ type: "string" }, { type: "null" }] },
        until: { type: "string", format: "date" },
        gift: { type: "boolean" },
      },
      required: ["items", "customer"],
      additionalProperties: false,
    };
    const questions = ["Germany", "Shoes for Tom by 2026-12-24", "x".repeat(200), "{}", '"', "1. 2. 3.", "日本"];
    const outputs: OutputContract[] = [{ kind: "number" }, { kind: "date" }, { kind: "json", schema: order }];
    for (const output of outputs) {
      // A prompt that leads to other answers.
      const program = await makeProgram(returns(output), capitals(), { answerTokens: 40 });
      const unbound = await makeProgram(text, capitals(), { answerTokens: 40 });
      const found = await answerAll(engine, program, questions);
      for (const [i, { value, error }] of found.entries()) {
        expect(error, questions[i]).toBeUndefined();
        renderOutput(returns(output), value);
      }
      const free = await answerAll(engine, unbound, questions);
      const fits = free.filter(({ value }) => {
        try {
          parseOutput(returns(output), String(value));
          return true;
        } catch {
          return false;
        }
      });
      expect(fits.length).toBeLessThan(questions.length);
    }
  });

  it("says how probable an answer is, and each field of an object", async () => {
    const capital = await callable<PawFunction<string, string>>(text, capitals());
    const known = await capital.assess("Germany");
    expect(known).toEqual({ value: "Berlin", probability: expect.any(Number) });
    expect(known.probability).toBeGreaterThan(0.5);
    expect(known.probability).toBeLessThanOrEqual(1);
    const unknown = await capital.assess("qwrtz uiop 17");
    expect(unknown.probability).toBeLessThan(known.probability / 2);

    const cities = [
      ["France", "Paris"],
      ["Japan", "Tokyo"],
      ["Italy", "Rome"],
    ] as const;
    const properties = { country: { type: "string" as const }, capital: { type: "string" as const } };
    const schema = {
      type: "object" as const,
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    };
    const pairs = cities.map(([country, capital]) => [country, JSON.stringify({ country, capital })] as const);
    const contract: Contract = { input: { kind: "string" }, output: { kind: "json", schema } };
    const prompt = promptIds("Name country and capital.", pairs);
    const both = await callable<PawFunction<string, object>>(contract, prompt);
    const { value, probability, fields } = await both.assess("Germany");
    expect(value).toEqual({ country: "Germany", capital: "Berlin" });
    const { country = 0, capital: city = 0 } = fields ?? {};
    expect(Object.keys(fields ?? {})).toEqual(["country", "capital"]);
    // What is between the fields has no choice.
    expect(probability).toBeCloseTo(country * city, 3);
    expect(country).toBeGreaterThan(0.5);

    // What a compiler measured makes an answer and each of its fields less sure.
    const measured = { calibration: { temperature: 2 } };
    const less = await (await callable<PawFunction<string, object>>(contract, prompt, measured)).assess("Germany");
    expect(less.value).toEqual(value);
    expect(less.probability).toBeCloseTo(probability ** 2, 3);
    expect(less.fields?.capital).toBeCloseTo(city ** 2, 3);

    const classify = await callable<PawClassifier<string, string>>(sentiment, reviewIds());
    const { probability: calibrated } = await classify.classify(inputs[0] as string);
    expect(await classify.assess(inputs[0] as string)).toEqual({ value: "positive", probability: calibrated });
  });

  it("quotes nothing but the input, and says where", async () => {
    const quote: Contract = { input: { kind: "string" }, output: { kind: "quote" } };
    const who = promptIds("Who wrote it?", [
      ["Best wishes, Tom Baker", "Tom Baker"],
      ["See you soon. Maria", "Maria"],
      ["It rains.", "none"],
    ]);
    const sender = await callable<PawQuoter>(quote, who);
    const letter = "Dear Ann,\r\nthank you for the flowers.\r\nYours, Peter Ross";
    expect(await sender.locate(letter)).toEqual({ text: "Peter Ross", start: 46, end: 56 });
    expect(await sender(letter)).toBe("Peter Ross");
    expect(await sender("It rains.")).toBeNull();
    expect(await sender.locate("")).toBeNull();

    // A prompt that leads to other answers, of which none is there.
    const capital = await callable<PawQuoter>(quote, capitals(), { answerTokens: 6 });
    const questions = [
      "Germany",
      "x".repeat(200),
      " ",
      "日本",
      "half \ud83d of \ud83d\ude00 it",
      '"a" "b"',
      "a\u0301e\u0301",
    ];
    for (const question of questions) {
      const found = await capital.locate(question);
      if (found) expect(question.slice(found.start, found.end)).toBe(found.text);
    }
    expect(await capital.batch(questions)).toHaveLength(questions.length);
  });

  it("favours the input's own words by the calibration, and no more than that", async () => {
    const pairs = [
      ["Yours, Ann Lee", "Lee"],
      ["Signed: Bo Ek", "Ek"],
    ] as const;
    const ids = promptIds("Give the surname of the sender.", pairs);
    const texts = [
      "Many thanks, Cy Quux-Vole",
      "Kind regards from D. Ze9x",
      "I like it",
      "Grüße, Æ. Ðør 🦊",
      "qqq zzz",
      "anuradha ghogale",
      "yours LYNNEBENNETT",
    ];
    const answersOf = async (by?: number, wholeWords = false) => {
      const calibration = { temperature: 1, ...(by !== undefined && { verbatim: { by, besides: [], wholeWords } }) };
      return await (await callable<PawFunction<string, string>>(text, ids, { calibration })).batch(texts);
    };
    const free = await answersOf();
    expect(free.filter((answer, i) => !texts[i]?.includes(answer))).not.toEqual([]);
    expect(await answersOf(0)).toEqual(free);
    const bound = await answersOf(1000);
    for (const [i, answer] of bound.entries()) expect(texts[i]).toContain(answer);
    // What was in the input's words by itself stays as it was.
    for (const [i, answer] of free.entries()) if (texts[i]?.includes(answer)) expect(bound[i]).toBe(answer);
    const whole = await answersOf(1000, true);
    for (const [i, answer] of whole.entries()) expect(isOfWholeWords(texts[i] as string, answer)).toBe(true);
    expect(bound.filter((answer, i) => !isOfWholeWords(texts[i] as string, answer))).not.toEqual([]);
    // Alone as in a batch.
    const one = await callable<PawFunction<string, string>>(text, ids, {
      calibration: { temperature: 1, verbatim: { by: 3, besides: [] } },
    });
    const batch = await one.batch(texts);
    for (const [i, input] of texts.entries()) expect(await one(input)).toBe(batch[i]);
  });

  it("stops an answer that does not end", async () => {
    const story = await callable<PawFunction<string, string>>(text, promptIds("Tell a very long story.", []), {
      answerTokens: 5,
    });
    const error = await story("Once upon a time").catch((reason) => reason);
    expect(error).toBeInstanceOf(PawError);
    expect(error).toMatchObject({ code: "ANSWER_TOO_LONG", raw: expect.stringMatching(/\w/) });
  });
});

describe("bad calls", () => {
  it("refuses inputs of a wrong type and inputs that are too long, naming the limit", async () => {
    const classify = await callable<PawClassifier<unknown, string>>(sentiment, reviewIds());
    await expect(classify(42)).rejects.toBeInstanceOf(InputError);
    await expect(classify("word ".repeat(9_000))).rejects.toMatchObject({
      code: "INPUT_TOO_LONG",
      message: expect.stringMatching(/has 90\d\d tokens; at most 8\d\d\d fit/),
    });
    await expect(classify("x".repeat(3_000_000))).rejects.toMatchObject({ code: "INPUT_TOO_LONG" });
    expect(await classify(inputs[0])).toBe("positive");
  });

  it("answers an input longer than one run and larger than the first cache", async () => {
    const classify = await callable<PawClassifier<string, string>>(sentiment, reviewIds());
    const padding = "It came in a box with a cable and a booklet. ".repeat(70);
    expect(["positive", "negative"]).toContain(await classify(`${padding} I love it, it is wonderful.`));
    expect(await classify(inputs[1] as string)).toBe("negative");
  });

  it("refuses a program of another interpreter, a damaged one, and one that is not there", async () => {
    const made = await makeProgram(sentiment, reviewIds());
    const meta = { name: "test", interpreter: made.interpreter, contract: sentiment, tests: null };
    const other = encodeProgram({ ...made, interpreter: { id: made.interpreter.id, digest: "f".repeat(64) } });
    await expect(program(other, meta)("x")).rejects.toMatchObject({ name: "ProgramError", code: "interpreter" });
    await expect(program(encodeProgram(made).subarray(0, 5_000), meta)("x")).rejects.toBeInstanceOf(ProgramError);
    await expect(program(new URL("file:///nowhere/at-all.weights"), meta)("x")).rejects.toMatchObject({
      code: "NO_PROGRAM",
    });
    // What another bundler may make of a URL is an error of the call, not of the module.
    const bad = [() => new URL(undefined as unknown as string), () => "file://elsewhere%", () => undefined as never];
    for (const weights of [...bad, () => new URL("https://site.example/x.weights")]) {
      await expect(program(weights, meta)("x")).rejects.toMatchObject({
        code: "NO_PROGRAM",
        message: expect.stringMatching(/^The program test has no place in this output: /),
        hint: expect.stringContaining("`inline`"),
      });
    }
    const foreign = { ...meta, interpreter: { id: made.interpreter.id, digest: "e".repeat(64) } };
    await expect(program(other, foreign)("x")).rejects.toMatchObject({ code: "WRONG_DIGEST" });
  });

  it("cancels before, while queued and while running, and goes on serving", async () => {
    const classify = await callable<PawClassifier<string, string>>(sentiment, reviewIds());
    await classify.load();
    await expect(classify("x", { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
    const first = classify(inputs[0] as string);
    const queued = new AbortController();
    const second = classify(inputs[1] as string, { signal: queued.signal });
    queued.abort(new Error("queued"));
    await expect(second).rejects.toThrow("queued");
    expect(await first).toBe("positive");
    const story = await callable<PawFunction<string, string>>(text, promptIds("Tell a long story.", []), {
      answerTokens: 200,
    });
    await story.load();
    const running = new AbortController();
    const third = story("Go on", { signal: running.signal });
    setTimeout(() => running.abort(new Error("running")), 50);
    await expect(third).rejects.toThrow("running");
    expect(await classify(inputs[1] as string)).toBe("negative");
    const kept = new AbortController();
    for (const input of inputs) await classify(input, { signal: kept.signal });
    expect(getEventListeners(kept.signal, "abort")).toEqual([]);
  });

  it("serves programs in turn, each with its own prefix", async () => {
    const classify = await callable<PawClassifier<string, string>>(sentiment, reviewIds());
    const capital = await callable<PawFunction<string, string>>(
      text,
      promptIds("Name the capital.", [
        ["France", "Paris"],
        ["Japan", "Tokyo"],
      ]),
    );
    const answers = await Promise.all([
      classify(inputs[0] as string),
      capital("Italy"),
      classify(inputs[1] as string),
      capital("Spain"),
    ]);
    expect(answers).toEqual(["positive", "Rome", "negative", "Madrid"]);
  });
});
