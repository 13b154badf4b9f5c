import { openInterpreter } from "@unplugin-paw/interpreter";
import { type JsonSchema, type OutputContract, parseOutput } from "@unplugin-paw/program";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Choices } from "../choices.ts";
import type { Vocabulary } from "../interfaces.ts";
import { type Grammar, outputGrammar } from "./grammar.ts";

let vocabulary: Vocabulary;
let stop: number;
beforeAll(async () => {
  vocabulary = await openInterpreter();
  stop = vocabulary.tokenizer.special(vocabulary.chat.stop);
});

const grammarOf = (output: OutputContract): Grammar =>
  outputGrammar(output, vocabulary.tokenizer, stop) ?? expect.unreachable();
const value = (output: OutputContract, text: string) => parseOutput({ input: { kind: "string" }, output }, text);

/** Goes the way of an answer; undefined where the grammar does not allow a token of it. */
function walk(start: Choices, tokens: readonly number[]): Choices | undefined {
  let place = start;
  for (const token of tokens) {
    if (!place.next?.includes(token)) return undefined;
    place = place.after(token);
  }
  return place.next?.includes(stop) ? place : undefined;
}

const date = fc.date({ min: new Date("0000-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });
const isoDate = date.map((day) => day.toISOString().slice(0, 10));
const scalars: [JsonSchema, fc.Arbitrary<unknown>][] = [
  [{ type: "string" }, fc.string({ unit: "grapheme" })],
  [{ type: "number" }, fc.double({ noNaN: true, min: -1e21, max: 1e21 })],
  [{ type: "integer" }, fc.integer()],
  [{ type: "integer", minimum: 1, maximum: 5 }, fc.integer({ min: 1, max: 5 })],
  [{ type: "integer", minimum: -120, maximum: 17 }, fc.integer({ min: -120, max: 17 })],
  [{ type: "integer", minimum: 990 }, fc.integer({ min: 990 })],
  [{ type: "number", minimum: 0.3, maximum: 1 }, fc.double({ noNaN: true, min: 0.3, max: 1 })],
  [{ type: "integer", minimum: 1e17 }, fc.double({ noNaN: true, min: 1e17, max: 1e20 }).map(Math.round)],
  [{ type: "number", maximum: -0.25 }, fc.double({ noNaN: true, min: -1e20, max: -0.25 })],
  [{ type: "string", pattern: "^(?:[A-Z]{2}-\\d{1,4})$" }, fc.stringMatching(/^[A-Z]{2}-\d{1,4}$/)],
  [{ type: "string", pattern: "^(?:(?:red|größe|[^,;]*é)?)$" }, fc.constantFrom("", "red", "größe", "abc é", "é")],
  [{ type: "boolean" }, fc.boolean()],
  [{ type: "null" }, fc.constant(null)],
  [{ type: "string", format: "date" }, isoDate],
  [{ enum: ["red", "red wine", 'it\'s "so"', ""] }, fc.constantFrom("red", "red wine", 'it\'s "so"', "")],
  [{ anyOf: [{ type: "null" }, { type: "number" }, { enum: ["none"] }] }, fc.constantFrom(null, 1.5, "none")],
];

/** A type as specs have them, and its values. */
const typed: fc.Memo<[JsonSchema, fc.Arbitrary<unknown>]> = fc.memo((depth) => {
  const scalar = fc.constantFrom(...scalars);
  if (depth <= 1) return scalar;
  const list = typed(depth - 1).map(([items, item]): [JsonSchema, fc.Arbitrary<unknown>] => [
    { type: "array", items },
    fc.array(item, { maxLength: 3 }),
  ]);
  const field = fc.tuple(fc.constantFrom("a", "name", "größe", "$x-1"), fc.boolean(), typed(depth - 1));
  const object = fc
    .uniqueArray(field, { minLength: 1, maxLength: 3, selector: ([name]) => name })
    .map((fields): [JsonSchema, fc.Arbitrary<unknown>] => {
      const required = fields.filter(([, isOptional]) => !isOptional).map(([name]) => name);
      const schema = {
        type: "object",
        properties: Object.fromEntries(fields.map(([name, , [inner]]) => [name, inner])),
        required,
        additionalProperties: false,
      };
      const values = Object.fromEntries(fields.map(([name, , [, inner]]) => [name, inner]));
      return [schema, fc.record(values, { requiredKeys: required })];
    });
  return fc.oneof(scalar, list, object);
});

describe("a grammar", () => {
  it("has every value of its type, in the tokens that it is written in", () => {
    fc.assert(
      fc.property(
        typed(3).chain(([schema, values]) => fc.tuple(fc.constant(schema), values)),
        ([schema, one]) => {
          // Fields in the schema's order, as they are written.
          const text = ordered(JSON.stringify(one), schema);
          const { start, encode } = grammarOf({ kind: "json", schema });
          const tokens = encode(text) ?? expect.unreachable(text);
          expect(vocabulary.tokenizer.decode(tokens)).toBe(text);
          expect(walk(start, tokens), text).toBeDefined();
        },
      ),
      { numRuns: 150 },
    );
  });

  it("has nothing else: whatever is chosen is a value, and the shortest end is one", () => {
    fc.assert(
      fc.property(typed(3), fc.infiniteStream(fc.nat()), fc.nat(60), ([schema], choices, length) => {
        const output: OutputContract = { kind: "json", schema };
        const { start } = grammarOf(output);
        const tokens: number[] = [];
        let place = start;
        for (const choice of choices) {
          const next = place.next ?? [];
          const token = next[choice % next.length] as number;
          if (token === stop) break;
          if (tokens.length >= length) {
            tokens.push(...(place.finish ?? []));
            break;
          }
          tokens.push(token);
          place = place.after(token);
        }
        const text = vocabulary.tokenizer.decode(tokens);
        expect(() => value(output, text), text).not.toThrow();
        expect(JSON.stringify(JSON.parse(text))).toBeDefined();
      }),
      { numRuns: 150 },
    );
  });

  it.each<[OutputContract, string[], string[]]>([
    [
      { kind: "number" },
      ["0", "-12.50", "1e+21", "1.5e-7", "-0.0000010000000000000002"],
      ["", "-", "01", "1.", ".5", "1e999", "1 ", "+1"],
    ],
    [
      { kind: "string", pattern: "^(?:[a-z]+(-[a-z]+)*)$" },
      ["a", "some-words", "straightforward"],
      ["", "A", "a-", "-a", "a b"],
    ],
    [
      { kind: "json", schema: { type: "integer", minimum: 0, maximum: 120 } },
      ["0", "7", "99", "120"],
      ["121", "-1", "1.5", "007", "1e2"],
    ],
    [
      { kind: "date" },
      ["2024-02-29", "2000-02-29", "1999-12-31", "0000-01-01"],
      ["2023-02-29", "1900-02-29", "2024-13-01", "2024-04-31", "2024-00-10", "2024-01-00", "2024-1-1"],
    ],
    [
      { kind: "json", schema: { type: "array", items: { enum: ["a", "b c"] } } },
      ["[]", '["a"]', '["b c","a","a"]'],
      ["[", '["a",]', '["c"]', "[1]", '["a" ,"a"]'],
    ],
    [
      {
        kind: "json",
        schema: {
          type: "object",
          properties: { a: { type: "integer" }, b: { type: "string" } },
          required: ["b"],
          additionalProperties: false,
        },
      },
      ['{"a":1,"b":""}', '{"b":"\\n\\u00e9\\\\"}'],
      ["{}", '{"a":1}', '{"a":1.5,"b":""}', '{"b":"","a":1}', '{"b":"\\x"}', '{"b":"a\nb"}', '{"b":"","c":1}'],
    ],
  ])("%j", (output, right, wrong) => {
    const { start, encode } = grammarOf(output);
    for (const text of right) {
      const tokens = encode(text) ?? expect.unreachable(text);
      expect(walk(start, tokens), text).toBeDefined();
    }
    for (const text of wrong) {
      expect(encode(text), text).toBeUndefined();
      expect(walk(start, vocabulary.tokenizer.encode(text)), text).toBeUndefined();
    }
  });

  it("is cut into tokens as a text is, and asks only where there is a choice", () => {
    const schema = {
      type: "object",
      properties: { title: { type: "string" }, tags: { type: "array", items: { enum: ["red", "green"] } } },
      required: ["title", "tags"],
      additionalProperties: false,
    };
    const { start, encode } = grammarOf({ kind: "json", schema });
    const text = '{"title":"A long way","tags":["red","green"]}';
    const tokens = encode(text) ?? [];
    expect(tokens).toEqual(vocabulary.tokenizer.encode(text));
    let place = start;
    const asked = tokens.filter((token) => {
      const isAsked = place.next?.length !== 1;
      place = place.after(token);
      return isAsked;
    });
    expect(vocabulary.tokenizer.decode(asked)).toBe('A long way","["red","green"]');
  });

  it("has few places, however long a text is", () => {
    const { start } = grammarOf({ kind: "json", schema: { type: "array", items: { type: "string" } } });
    const tokens = vocabulary.tokenizer.encode("a quick brown fox");
    const [open, and] = [vocabulary.tokenizer.encode('["'), vocabulary.tokenizer.encode('","')];
    const once = [...open, ...tokens].reduce((place: Choices, token) => place.after(token), start);
    const often = Array.from({ length: 50 }, () => [...and, ...tokens]).flat();
    expect(often.reduce((place: Choices, token) => place.after(token), once)).toBe(once);
  });

  it("is not made of a schema that it does not understand", () => {
    const schema = { type: "array", items: { type: "string", pattern: "^a" } };
    expect(outputGrammar({ kind: "json", schema }, vocabulary.tokenizer, stop)).toBeUndefined();
    expect(outputGrammar({ kind: "string" }, vocabulary.tokenizer, stop)).toBeUndefined();
  });
});

/** JSON text with the fields of objects in their schema's order. */
function ordered(text: string, schema: JsonSchema): string {
  const sort = (one: unknown, { items, properties }: JsonSchema): unknown => {
    if (Array.isArray(one)) return one.map((item) => sort(item, (items ?? {}) as JsonSchema));
    if (typeof one !== "object" || one === null || !properties) return one;
    const fields = Object.entries(properties as Record<string, JsonSchema>);
    return Object.fromEntries(
      fields.flatMap(([name, inner]) =>
        Object.hasOwn(one, name) ? [[name, sort((one as Record<string, unknown>)[name], inner)]] : [],
      ),
    );
  };
  return JSON.stringify(sort(JSON.parse(text), schema));
}
