// @vitest-environment jsdom
import { expect, test } from "vitest";
import tone from "./tone.paw";

test("answers beside jsdom's document", async () => {
  document.body.textContent = await tone("Thank you");
  expect(document.body.textContent).toMatch(/^(polite|rude)$/);
});
