import { spawnSync } from "node:child_process";
import { inspect } from "node:util";
import { InterpreterError } from "@unplugin-paw/interpreter";
import { InputError, OutputError, ProgramError } from "@unplugin-paw/program";
import { describe, expect, it } from "vitest";
import { PawError } from "./errors.ts";

const hint = "Do this, and it works.";
const hinted = [
  new PawError("NO_PROGRAM", "It is wrong.", hint),
  new InterpreterError("DISK_FULL", "It is wrong.", hint),
  new ProgramError("checksum", "It is wrong.", hint),
];
const dist = new URL("../dist/index.js", import.meta.url).href;

describe("what a log prints of an error", () => {
  it.each(hinted)("$name: the stack says what is wrong, what to do and where, and inspect says it once", (error) => {
    expect(error).toMatchObject({ message: "It is wrong.", hint });
    expect(error.stack?.startsWith(`${error.name}: It is wrong.\nhint: ${hint}\n    at `)).toBe(true);
    const printed = inspect(error);
    expect(printed.split(hint)).toHaveLength(2);
    expect(printed.split("It is wrong.")).toHaveLength(2);
    expect(printed).toContain(error.code);
  });

  it("names the class of errors that need no hint", () => {
    expect(new InputError("type", "not a string").stack).toMatch(/^InputError: not a string\n/);
    expect(new OutputError("label", "maybe", "not a label").stack).toMatch(/^OutputError: not a label\n/);
  });

  it("has the hint in a process that ends with it, and in console.error", () => {
    const script = `import { program } from ${JSON.stringify(dist)};
      const meta = { name: "x", interpreter: { id: "nobody", digest: "0" }, contract: { input: { kind: "string" }, output: { kind: "string" } }, tests: null };`;
    const node = (code: string) =>
      spawnSync(process.execPath, ["--input-type=module", "-e", script + code], { encoding: "utf8" });
    const uncaught = node(`await program("/nowhere.weights", meta)("x")`);
    expect(uncaught.status).toBe(1);
    expect(uncaught.stderr).toMatch(
      /InterpreterError: There is no interpreter "nobody"\.\nhint: Known interpreters: .+\n {4}at /,
    );
    const logged = node(`await program("/nowhere.weights", meta)("x").catch((error) => console.error(error))`);
    expect(logged.stderr).toMatch(/hint: Known interpreters/);
    // The stack says who called, though the error comes from another thread.
    expect(logged.stderr).toMatch(/eval1/);
  });
});
