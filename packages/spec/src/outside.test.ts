import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { formatDiagnostic, type ParseOptions, readSpec } from "./index.ts";

const top = realpathSync(mkdtempSync(join(tmpdir(), "paw-outside-")));
const project = join(top, "project");
afterAll(() => rmSync(top, { recursive: true }));

function write(path: string, text: string): string {
  const file = join(top, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const SECRET = "input,output\nthe secret,true\nmore secrets,maybe\n";
write("project/package.json", "{}");
write("project/shared.csv", "input,output\na,true\n");
write("secret.csv", SECRET);
write("project/secret.json", "[1]");
symlinkSync(join(top, "secret.csv"), join(project, "link.csv"));
mkdirSync(join(project, "specs"));
symlinkSync(top, join(project, "specs/up"));

let count = 0;
function read(from: string, options: Omit<ParseOptions, "readFile"> = {}, folder = "project/specs") {
  const text = `---\nreturns: boolean\n---\nGo.\n\n## Examples\n\n- from: ${from}\n`;
  const { spec, diagnostics, dataFiles } = readSpec(write(`${folder}/s${count++}.paw`, text), options);
  return {
    spec,
    dataFiles,
    codes: diagnostics.map(({ code }) => code),
    all: diagnostics.map(formatDiagnostic).join("\n"),
  };
}

describe("a data file outside of the project", () => {
  test.each([
    "../../secret.csv",
    join(top, "secret.csv"),
    "../link.csv",
    "up/secret.csv",
    "./../../project/../secret.csv",
    "../../nowhere.csv",
  ])("is refused, and nothing of it is told: %s", (from) => {
    const { spec, codes, all, dataFiles } = read(from);
    expect(spec).toBeUndefined();
    expect(codes).toEqual(["from-outside"]);
    expect(all).toContain("--allow-outside");
    expect(all).not.toContain("secrets");
    expect(dataFiles).toEqual([]);
  });

  test("of real inputs is refused too", () => {
    const file = write("project/specs/real.paw", "---\nreturns: boolean\ninputs: ../../mails.txt\n---\nGo.\n");
    const { spec, diagnostics } = readSpec(file);
    expect(spec).toBeUndefined();
    expect(diagnostics.map(({ code }) => code)).toContain("from-outside");
    expect(readSpec(file, { allowOutside: true }).spec?.inputs).toBe(join(top, "mails.txt"));
  });

  test("may be allowed; no message shows its lines", () => {
    const { codes, all, dataFiles } = read("../../secret.csv", { allowOutside: true });
    expect(codes).toEqual(["output"]);
    expect(all).toContain(`secret.csv:3:14: error: "maybe" is not a boolean.`);
    expect(all).not.toContain("more secrets");
    expect(dataFiles).toEqual([join(top, "secret.csv")]);
  });

  test("is none where the root is wider, or the links stay inside", () => {
    expect(read("../shared.csv").codes).toEqual([]);
    expect(read("../../secret.csv", { root: top }).codes).toEqual(["output"]);
    expect(read("../shared.csv", { root: join(project, "specs") }).codes).toEqual(["from-outside"]);
    symlinkSync(join(project, "shared.csv"), join(project, "specs/inner.csv"));
    expect(read("inner.csv").codes).toEqual([]);
    // The project itself may lie behind a link.
    symlinkSync(project, join(top, "alias"));
    expect(read("../shared.csv", {}, "alias/specs").codes).toEqual([]);
  });

  test("is all of the app for a spec of a dependency, and all but a folder for one without a package", () => {
    write("project/node_modules/dep/package.json", "{}");
    write("project/node_modules/dep/own.csv", "input,output\na,true\n");
    const dependency = (from: string) => read(from, { root: project }, "project/node_modules/dep");
    expect(dependency("../../secret.json").codes).toEqual(["from-outside"]);
    expect(dependency("./own.csv").codes).toEqual([]);
    // (No package.json lies above the temporary folder.)
    expect(read("../secret.csv", {}, "loose").codes).toEqual(["from-outside"]);
  });
});
