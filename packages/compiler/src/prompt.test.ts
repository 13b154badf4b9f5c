import { parseSpec, type Spec } from "@unplugin-paw/spec";
import { expect, it } from "vitest";
import { wordings } from "./prompt.ts";

const wordingsOf = (returns: string) =>
  wordings(parseSpec(`---\nreturns:${returns}\n---\nSort the mail. It is English.`, "mail.paw").spec as Spec);

it("says the task in the author's words, with the form of the answer, and shorter", () => {
  expect(wordingsOf(" [bill, other]")).toEqual([
    "Sort the mail. It is English.",
    "Sort the mail. It is English.\nAnswer with one of: bill, other.",
    "Sort the mail. Answer with one of: bill, other.",
  ]);
});

it("says in every wording what labels stand for", () => {
  const meanings = "\n- bill: cards and refunds";
  expect(wordingsOf("\n  - bill: cards and refunds\n  - other")).toEqual([
    `Sort the mail. It is English.${meanings}`,
    `Sort the mail. It is English.${meanings}\nAnswer with one of: bill, other.`,
    `Sort the mail.${meanings}\nAnswer with one of: bill, other.`,
  ]);
  const [told] = wordingsOf("\n  kind:\n    - bill: cards and refunds\n    - other\n  sum: number");
  expect(told).toBe("Sort the mail. It is English.\n- kind bill: cards and refunds");
});

it("says the same in whatever order the labels are named", () => {
  const meanings = ["  - bill: cards and refunds", "  - order: parcels", "  - account: passwords"];
  const told = wordingsOf(`\n${meanings.join("\n")}`);
  expect(wordingsOf(`\n${meanings.toReversed().join("\n")}`)).toEqual(told);
  expect(told[1]).toMatch(/- account: .*\n- bill: .*\n- order: .*\nAnswer with one of: account, bill, order\.$/);
});
