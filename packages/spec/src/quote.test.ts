import { describe, expect, it } from "vitest";
import { specTypes } from "./declaration.ts";
import { parseSpec } from "./parse.ts";

const text = (examples: string, front = "returns: quote") => `---
${front}
---
Find the name of the sender.

## Examples
${examples}
`;
const messages = (given: string) =>
  parseSpec(given, "sender.paw").diagnostics.map(({ location, message, hint }) =>
    [`${location.line}:${location.column}`, message, hint].join(" "),
  );

describe("returns: quote", () => {
  it("takes parts of the input and null, in every form of an example", () => {
    const { spec, diagnostics } = parseSpec(
      text(
        [
          "- Yours, Ann Lee => Ann Lee",
          "- Nobody wrote this. => null",
          "- input: |\n    It is from 2026:\n    Bo\n  output: 2026",
          "- input: Who knows?\n  output: null",
          "- Somebody wrote that. => none",
        ].join("\n"),
      ),
      "sender.paw",
    );
    expect(diagnostics).toEqual([]);
    expect(spec?.contract).toEqual({ input: { kind: "string" }, output: { kind: "quote" } });
    expect(spec?.examples.map(({ output }) => output)).toEqual(["Ann Lee", null, "2026", null, null]);
  });

  it("refuses what the input does not say, where it stands, and says how the input writes it", () => {
    expect(messages(text("- Yours, Ann Lee => Ann Leigh\n- Yours, Ann Lee. => ann lee"))).toEqual([
      expect.stringMatching(/^7:1 "Ann Leigh" is no part of the input\. Write it as it stands/),
      expect.stringMatching(/^8:1 "ann lee" is no part of the input\. The input writes it "Ann Lee"\.$/),
    ]);
  });

  it("is a whole answer about one text", () => {
    const example = "- Yours, Ann => Ann";
    expect(messages(text(example, "returns: quote | null"))).toEqual([
      expect.stringMatching(
        /^2:10 There is no type "quote"\. A quote is all that a function returns: `returns: quote`/,
      ),
    ]);
    expect(messages(text(example, "returns: { name: quote }"))[0]).toMatch(/There is no type "quote"/);
    expect(messages(text(example, "returns: quote\ninput: { mail: string }"))[0]).toMatch(
      /^2:10 A quote is a part of one text, and the input has fields\. Give the function one text/,
    );
    expect(messages(text(example, "returns: quote\nabstain: 0.5"))[0]).toMatch(/`abstain` does not go/);
  });

  it("is typed as a function that also gives the place", () => {
    const { spec } = parseSpec(text("- Yours, Ann => Ann"), "sender.paw");
    const { code } = specTypes(spec ?? expect.unreachable());
    expect(code).toContain("declare const sender: PawQuoter<string>;");
    expect(code).toContain("@returns a part of the input, or `null`");
  });
});
