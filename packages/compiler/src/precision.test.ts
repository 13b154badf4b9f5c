import { decodeProgram, encodeProgram, type Program } from "@unplugin-paw/program";
import { answerAll } from "@unplugin-paw/runtime/decode";
import { sharedEngine } from "@unplugin-paw/runtime/engine";
import { parseSpec, type Spec } from "@unplugin-paw/spec";
import { describe, expect, it } from "vitest";
import { compile } from "./index.ts";

describe("a spec that asks for a precision", () => {
  const text = (examples: string) => `---
returns: [animal, fruit]
abstain: { precision: 0.9 }
---
Is it an animal or a fruit?
${examples}
`;
  const specOf = (examples: string) => parseSpec(text(examples), "kind.paw").spec as Spec;

  it("gets a threshold that is measured on all of its examples, and a table", async () => {
    const animals = "cat dog horse cow sheep goat wolf hen pig fox owl bee".split(" ");
    const fruits = "apple pear plum cherry grape lemon fig kiwi lime mango peach melon".split(" ");
    const pairs = animals.flatMap((animal, i) => [`- the ${animal} => animal`, `- the ${fruits[i]} => fruit`]);
    const { program } = await compile(specOf(`\n## Examples\n${pairs.join("\n")}`), { cache: false });
    const { calibration, contract, scores } = decodeProgram(encodeProgram(program)) as Program;
    expect(contract.abstain).toEqual({ precision: 0.9 });
    expect(calibration.threshold).toBeGreaterThan(0);
    expect(scores.coverage?.find(({ threshold }) => threshold === calibration.threshold)).toBeDefined();
    expect(scores.coverage?.[0]).toMatchObject({ threshold: 0, coverage: 1 });
    const engine = await sharedEngine();
    const answers = await answerAll(engine, program, [
      "the donkey",
      "the apricot",
      "SELECT id FROM users;",
      "zzq 91 xk",
    ]);
    expect(answers.map((found) => !found.error && found.value)).toEqual(["animal", "fruit", null, null]);
  }, 180_000);

  it("needs examples", async () => {
    await expect(compile(specOf(""), { cache: false })).rejects.toMatchObject({
      code: "UNMEASURED",
      message: expect.stringContaining("the spec has no examples"),
    });
  }, 60_000);
});
