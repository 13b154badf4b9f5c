import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeProgram } from "@unplugin-paw/program";
import { smallProgram } from "../../../packages/program/src/testing.ts";
import { damageFile } from "../files.ts";
import type { Kind } from "../kind.ts";
import { mutateText } from "../random.ts";

const bin = join(import.meta.dirname, "../../../packages/cli/bin/paw.js");
const spec = "---\nreturns: [good, bad]\n---\nJudge.\n\n## Examples\n- a => good\n";
const weights = encodeProgram(smallProgram());

/** `paw` as a process, from `dist`: what ends with a stack, a signal, or "Unexpected error", is not as it should be. */
export const kind: Kind = {
  name: "commands",
  what: "`paw inspect|run|test|compile --frozen|types|cache prune` on altered files and arguments",
  count: 150,
  async run({ random, folder }) {
    writeFileSync(join(folder, "package.json"), "{}");
    const name = random.pick(["a.paw", "a.weights"]);
    if (name === "a.weights") damageFile(random, join(folder, name), weights);
    else if (random.next() < 0.3) damageFile(random, join(folder, name), Buffer.from(spec));
    else writeFileSync(join(folder, name), mutateText(random, spec));
    const strange = mutateText(random, random.pick(["--input", "a.paw", "--effort", "--seed", ""]))
      .replaceAll("\0", "")
      .slice(0, 10_000);
    const args = random.pick([
      ["inspect", "a.weights"],
      ["inspect", name, strange],
      ["run", "a.weights", "--input", strange],
      ["test", "a.paw", "--frozen"],
      ["compile", "a.paw", "--frozen"],
      ["compile", "a.paw", "--frozen", "--seed", strange],
      ["types"],
      ["cache", "prune", "--cache", strange],
      [strange],
    ]);
    const env = { ...process.env, PAW_HOME: join(folder, "home"), NO_COLOR: "1", HTTPS_PROXY: "http://127.0.0.1:9" };
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      killSignal: "SIGKILL",
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    const timer = setTimeout(() => child.kill("SIGKILL"), 9_500);
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
      child.on("close", (...end) => resolve(end)),
    );
    clearTimeout(timer);
    const command = JSON.stringify(args).slice(0, 300);
    if (signal) throw new Error(`${command} ended with ${signal}`);
    if (code !== 0 && code !== 1 && code !== 2)
      throw new Error(`${command} ended with code ${code}: ${output.slice(0, 500)}`);
    if (/Unexpected error|^\s+at .*:\d+:\d+\)?$/m.test(output))
      throw new Error(`${command} ended unexpectedly: ${output.slice(0, 500)}`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/.test(output))
      throw new Error(`${command} let a control through: ${JSON.stringify(output.slice(0, 300))}`);
  },
};
