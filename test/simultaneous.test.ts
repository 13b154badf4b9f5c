import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { files } from "./apps.ts";
import { mood } from "./cache-helpers/project.ts";
import { cache, copyApp, removeApps } from "./plugin-helpers/app.ts";

afterAll(removeApps);

test("two builds at the same time compile each spec once between them, and both have all programs", async () => {
  const root = await copyApp("simultaneous");
  const names = ["mood", "tone", "weather"];
  await writeFile(join(root, "src/mood.paw"), mood());
  await writeFile(join(root, "src/weather.paw"), mood(" It is about the weather."));
  const script = fileURLToPath(new URL("./plugin-helpers/build-all.js", import.meta.url));
  const outputs = await Promise.all(
    ["one", "two"].map(async (out) => {
      const { stdout } = await promisify(execFile)(process.execPath, [script, root, out, cache], {
        env: environment(),
      });
      return stdout;
    }),
  );
  const compiled = outputs.flatMap((text) => [...text.matchAll(/paw (\w+)\.paw {2}compiled/g)].map(([, name]) => name));
  expect(compiled.sort()).toEqual(names);
  const [one, two] = await Promise.all(["one", "two"].map((out) => files(join(root, out))));
  expect(one).toEqual(two);
  expect(one?.filter((file) => file.endsWith(".weights"))).toHaveLength(names.length);
});

/** Without what vitest has set for this process. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_ENV: _, VITEST: __, PAW_REMOTE: ___, ...env } = process.env;
  return env;
}
