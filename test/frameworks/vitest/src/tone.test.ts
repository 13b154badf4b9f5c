import { expect, test } from "vitest";
import tone from "./tone.paw";

test("answers", async () => {
  const answer: "polite" | "rude" = await tone(process.env.TEXT ?? "");
  console.log(`\n${JSON.stringify({ answer })}`);
  expect(["polite", "rude"]).toContain(answer);
});
