import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { appsOf } from "./apps.ts";

const { cache, copyApp, removeApps } = appsOf("app");
afterAll(removeApps);

const require = createRequire(import.meta.url);

test("Vitest watches: an edited spec is compiled, and the tests that import it run again", async () => {
  const root = await copyApp("vitest-watch");
  const write = (name: string, text: string) => writeFile(join(root, name), text);
  await write("src/spec.paw", "---\nreturns: [alpha, alphas]\n---\nSay alpha.\n");
  await write(
    "vitest.config.js",
    `import paw from "unplugin-paw/vite";\nexport default { plugins: [paw(${JSON.stringify({ cache, effort: "draft", types: false })})], test: { testTimeout: 120_000 } };\n`,
  );
  await write(
    "src/spec.test.js",
    'import { test } from "vitest";\nimport spec from "./spec.paw";\ntest("answers", async () => console.log("answer:", await spec("x")));\n',
  );
  await write("src/other.test.js", 'import { test } from "vitest";\ntest("other", () => console.log("other ran"));\n');

  const { VITEST: _, VITEST_POOL_ID: __, VITEST_WORKER_ID: ___, NODE_ENV: ____, ...env } = process.env;
  const bin = join(require.resolve("vitest/package.json"), "../vitest.mjs");
  const child = spawn(process.execPath, [bin, "--watch"], { cwd: root, env, stdio: ["pipe", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (log += text));
  const says = (text: string) => vi.waitFor(() => expect(log).toContain(text), { timeout: 120_000, interval: 50 });
  try {
    await says("answer: alpha");
    await says("Waiting for file changes");
    const first = log.length;
    await write("src/spec.paw", (await readFile(join(root, "src/spec.paw"), "utf8")).replaceAll("alpha", "beta"));
    await says("answer: beta");
    expect(log.slice(first)).not.toContain("other ran");
  } finally {
    child.kill();
  }
});
