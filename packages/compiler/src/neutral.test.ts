import { sharedEngine } from "@unplugin-paw/runtime/engine";
import { parseSpec, type Spec } from "@unplugin-paw/spec";
import { expect, it } from "vitest";
import { prefixOf, prepare } from "./material.ts";
import { neutralBias } from "./neutral.ts";
import { seededRandom } from "./random.ts";
import { labelScores, mean } from "./reward.ts";

it("leaves no liking for a label behind where an input says nothing", async () => {
  const engine = await sharedEngine();
  const text = "---\nreturns: [polite, rude, neither]\n---\nSay whether a message is polite or rude.\n";
  const { spec } = parseSpec(text, "tone.paw");
  const material = await prepare(spec as Spec, engine, seededRandom(0), undefined);
  // A prompt that leads to one of them.
  const instructions = "Say whether a message is polite or rude. All messages are rude.";
  const prefix = await prefixOf(material, { instructions, shots: [] });
  const bias = await neutralBias(material, prefix);
  expect(mean(bias)).toBeCloseTo(0);
  const judge = { engine, contract: material.spec.contract, prefix };
  const likings = async (inputs: string[]) => {
    const rows = await labelScores(
      judge,
      inputs.map((input) => ({ input, output: "" })),
    );
    return bias.map((_, label) => mean(rows.map(({ scores }) => scores[label] as number)));
  };
  const liked = await likings(["N/A", "[MASK]", ""]);
  expect(Math.max(...liked) - Math.min(...liked)).toBeGreaterThan(1);
  for (const [label, liking] of liked.entries()) {
    expect(liking + (bias[label] as number)).toBeCloseTo(mean(liked), 2);
  }
});
