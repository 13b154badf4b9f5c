import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSpec, specTypes } from "@unplugin-paw/spec";
import type { Kind } from "../kind.ts";
import { mutateText } from "../random.ts";

const folder = join(import.meta.dirname, "../../../fixtures/specs");
const texts = readdirSync(folder)
  .filter((name) => name.endsWith(".paw"))
  .map((name) => readFileSync(join(folder, name), "utf8"));

export const kind: Kind = {
  name: "specs",
  what: "spec texts, edited: brackets, anchors, controls, repeats of up to 200,000",
  count: 1200,
  run({ random, folder }) {
    const path = join(folder, "a.paw");
    const { spec, diagnostics } = parseSpec(mutateText(random, random.pick(texts)), path, { root: folder } as object);
    if (!spec && !diagnostics.some(({ severity }) => severity === "error")) throw new Error("no spec and no error");
    if (spec) specTypes(spec);
  },
};
