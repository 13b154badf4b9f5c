import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSpec, type Spec } from "@unplugin-paw/spec";
import { afterAll, expect, test } from "vitest";
import { Drafts } from "./drafts.ts";

const root = mkdtempSync(join(tmpdir(), "paw-drafts-"));
// (The process that trains was told to end, and may write until it does.)
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));

const { spec } = parseSpec("---\nreturns: [good, bad]\n---\nIs the mood good or bad?\n", join(root, "mood.paw"));

test("a draft does not come into a folder that may be committed, unless drafts are what is wanted", async () => {
  const drafts = new Drafts({ info: () => {}, warn: () => {}, progress: () => undefined, reload: () => {} });
  const [cache, draftCache] = [join(root, "programs"), join(root, "drafts")];
  try {
    const draft = await drafts.program(spec as Spec, { cache, draftCache, effort: "standard" });
    expect(draft.metadata.compiler.effort).toBe("draft");
    expect(draft.path?.startsWith(draftCache)).toBe(true);
    expect(existsSync(cache) ? readdirSync(cache).filter((name) => !name.endsWith(".lock")) : []).toEqual([]);
    const wanted = await drafts.program(spec as Spec, { cache, draftCache, effort: "draft" });
    expect(wanted.path?.startsWith(cache)).toBe(true);
  } finally {
    drafts.close();
  }
});
