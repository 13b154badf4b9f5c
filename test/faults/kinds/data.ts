import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readSpec } from "@unplugin-paw/spec";
import { damageFile } from "../files.ts";
import type { Kind } from "../kind.ts";
import { mutateText } from "../random.ts";

const rows = Array.from({ length: 12 }, (_, i) => [`text number ${i}, with "quotes"`, i % 2 ? "good" : "bad"] as const);
const files = {
  csv: `input,output\n${rows.map(([input, output]) => `"${input.replaceAll('"', '""')}",${output}`).join("\n")}\n`,
  jsonl: rows.map(([input, output]) => JSON.stringify({ input, output })).join("\n"),
  json: JSON.stringify(rows.map(([input, output]) => ({ input, output }))),
};

export const kind: Kind = {
  name: "data files",
  what: "CSV, JSONL and JSON files of examples, edited, or pipes, devices, loops and folders in their place",
  count: 800,
  run({ random, folder }) {
    const [ending, text] = random.pick(Object.entries(files));
    const path = join(folder, "a.paw");
    writeFileSync(path, `---\nreturns: [good, bad]\n---\nJudge.\n\n## Examples\n- from: ./data.${ending}\n`);
    const data = join(folder, `data.${ending}`);
    if (random.next() < 0.2) damageFile(random, data, Buffer.from(text));
    else writeFileSync(data, mutateText(random, text));
    const { spec, diagnostics } = readSpec(path);
    if (!spec && !diagnostics.some(({ severity }) => severity === "error")) throw new Error("no spec and no error");
  },
};
