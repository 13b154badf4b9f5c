import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { decodeMetadata, encodeProgram } from "@unplugin-paw/program";
import { parseSpec, type Spec } from "@unplugin-paw/spec";
import { pruneCache } from "../../../packages/compiler/src/prune.ts";
import { smallProgram } from "../../../packages/program/src/testing.ts";
import { packEntry, printManifest, unpackEntry } from "../../../packages/programs/src/entry.ts";
import { DamagedEntry } from "../../../packages/programs/src/errors.ts";
import { entryFolder, readEntry, readManifests, writeEntry } from "../../../packages/programs/src/folder.ts";
import type { Origin } from "../../../packages/programs/src/origin.ts";
import { damageFile } from "../files.ts";
import type { Kind } from "../kind.ts";
import { mutateBytes } from "../random.ts";

const spec = parseSpec("---\nreturns: [good, bad]\n---\nJudge.\n", "/mood.paw").spec;
if (!spec) throw new Error("the spec of this kind is wrong");
const { interpreter } = smallProgram();
const origin: Origin = {
  name: "mood",
  spec: spec.digest,
  effort: "draft",
  seed: 0,
  compiler: "0",
  method: 0,
  interpreter,
};
const weights = encodeProgram({
  ...smallProgram(),
  ...{ name: "mood", spec: { digest: spec.digest }, compiler: { version: "0", effort: "draft", seed: 0 } },
  ...{ contract: spec.contract, calibration: { temperature: 1 } },
});
const entry = { metadata: decodeMetadata(weights), weights, results: [] };
const packed = packEntry(origin, entry);

export const kind: Kind = {
  name: "cache entries",
  what: "entries of a folder and of a remote: altered, or pipes, devices, loops, holes in their place",
  count: 900,
  async run({ random, folder }) {
    if (random.next() < 0.3) return unpackEntry(mutateBytes(random, packed), origin, spec);
    const cache = join(folder, "cache");
    const own = entryFolder(cache, origin);
    if (random.next() < 0.1) {
      mkdirSync(cache);
      symlinkSync(random.pick([folder, "/dev", "/none", own]), own);
    } else {
      damageFile(random, join(own, "program.json"), Buffer.from(printManifest(origin, entry)));
      damageFile(random, join(own, "mood.weights"), weights);
    }
    const damage = await take(cache);
    await readManifests(cache);
    await pruneCache(cache, [spec]);
    // A compile that follows puts it right.
    await writeEntry(cache, origin, entry);
    if (!readFileSync(join(own, "mood.weights")).equals(weights)) throw new Error("the entry was not made anew");
    if (!readEntry(cache, origin, spec)) throw new Error("the new entry is not found");
    if (damage) throw damage;
    return undefined;
  },
};

/** What a build says of the entry that lies there; undefined where it takes it, or finds none. */
async function take(cache: string): Promise<DamagedEntry | undefined> {
  try {
    const found = readEntry(cache, origin, spec as Spec);
    if (found && Buffer.compare(found.weights, weights) !== 0) throw new Error("altered weights were taken");
    return undefined;
  } catch (error) {
    if (error instanceof DamagedEntry) return error;
    throw error;
  }
}
