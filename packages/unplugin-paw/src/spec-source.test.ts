import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { Build } from "./build.ts";
import { resolveOptions } from "./options.ts";
import { followEdit } from "./spec-source.ts";

const root = mkdtempSync(join(tmpdir(), "paw-source-"));
afterEach(() => rmSync(root, { recursive: true }));

test("declarations follow an edit that the watcher tells of while the file is still empty", async () => {
  const spec = join(root, "tone.paw");
  writeFileSync(spec, "");
  const options = resolveOptions({}, root);
  const followed = followEdit({ options, host: {} } as Build, spec, false);
  await setTimeout(20);
  await writeFile(spec, "---\nreturns: [polite, rude]\n---\nDecide whether a message is polite or rude.\n");
  await followed;
  expect(await readFile(join(root, ".paw/types/tone.d.paw.ts"), "utf8")).toContain('"polite" | "rude"');
});
