import {
  decodeMetadata,
  decodeProgram,
  encodeProgram,
  outputLabels,
  parseOutput,
  renderInput,
} from "@unplugin-paw/program";
import { seal } from "../../../packages/program/src/checksum.ts";
import { editHeader, editProgram, smallProgram } from "../../../packages/program/src/testing.ts";
import { calibrate } from "../../../packages/runtime/src/decode/index.ts";
import type { Kind } from "../kind.ts";
import { anyValue, mutateBytes, mutateJson, type Random } from "../random.ts";

const files = [encodeProgram(smallProgram()), encodeProgram(smallProgram(), { prefix: "f16" })];

/**
 * Altered in its bytes, its header or its program; mostly with a right checksum, or nothing behind that would be tried.
 */
function forge(random: Random): Uint8Array {
  const file = random.pick(files);
  const way = random.below(3);
  if (way === 0) {
    const bytes = mutateBytes(random, file);
    return random.next() < 0.7 && bytes.length > 64 ? seal(bytes) : bytes;
  }
  if (way === 1) return editHeader(file, (header) => void Object.assign(header, mutateJson(random, header)));
  return editProgram(file, (program) => void Object.assign(program, mutateJson(random, program)));
}

export const kind: Kind = {
  name: ".weights files",
  what: "programs with altered bytes, headers, contracts, calibrations; their checksums forged",
  count: 1500,
  run({ random }) {
    const bytes = forge(random);
    decodeMetadata(bytes);
    const { contract, calibration } = decodeProgram(bytes);
    const labels = outputLabels(contract);
    if (labels) {
      const sum = calibrate(
        labels.map(() => -20 * random.next()),
        calibration,
      ).reduce((total, p) => total + p, 0);
      if (!(Math.abs(sum - 1) < 1e-9)) throw new Error(`probabilities sum to ${sum}`);
    }
    renderInput(
      contract,
      contract.input.kind === "string" ? "text" : { text: "t", ...(random.next() < 0.3 && { more: anyValue(random) }) },
    );
    parseOutput(contract, JSON.stringify(anyValue(random)));
  },
};
