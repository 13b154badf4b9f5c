import { type Contract, parseOutput, renderInput } from "@unplugin-paw/program";
import type { Kind } from "../kind.ts";
import { anyValue, mutateText, type Random } from "../random.ts";

const contracts: Contract[] = [
  { input: { kind: "string" }, output: { kind: "number" } },
  { input: { kind: "string" }, output: { kind: "date" } },
  { input: { kind: "string" }, output: { kind: "labels", labels: ["a", "b"] } },
  {
    input: {
      kind: "object",
      schema: { type: "object", properties: { a: { type: "array", items: {} } }, required: ["a"] },
    },
    output: {
      kind: "json",
      schema: { type: "array", items: { type: "object", properties: { a: { type: "string" } } } },
    },
  },
];

function strange(random: Random): unknown {
  switch (random.below(6)) {
    case 0: {
      let value: unknown = 0;
      for (let i = random.pick([10, 70, 5000, 100_000]); i > 0; i--)
        value = random.next() < 0.5 ? [value] : { a: value };
      return { a: [value] };
    }
    case 1: {
      const circle: { a?: unknown } = {};
      circle.a = [circle];
      return circle;
    }
    case 2:
      return { a: Array.from({ length: 20_000 }, (_, i) => i) };
    case 3:
      return random.pick<unknown>([
        Symbol("a"),
        1n,
        () => 1,
        new Date(Number.NaN),
        new Proxy({}, {}),
        new Map(),
        { toJSON: () => 1n },
      ]);
    default:
      return anyValue(random);
  }
}

export const kind: Kind = {
  name: "inputs and answers",
  what: "values for functions and texts of answers: deep, circular, a million digits",
  count: 800,
  run({ random }) {
    const contract = random.pick(contracts);
    if (random.next() < 0.5) return renderInput(contract, strange(random));
    const long = random.pick(["1", "[", "{", '"', " ", "[0,", "-", "e"]).repeat(random.pick([1, 70, 5000, 1_000_000]));
    return parseOutput(
      contract,
      mutateText(random, random.pick([long, `${long}x`, '[{"a":"b"}]', "12.5", "2026-01-01"])),
    );
  },
};
