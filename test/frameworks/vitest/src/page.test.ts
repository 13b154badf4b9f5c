// @vitest-environment happy-dom
import { expect, test } from "vitest";
import tone from "./tone.paw";

test("answers beside a document", async () => {
  document.body.textContent = await tone("Thank you");
  expect(document.body.textContent).toMatch(/^(polite|rude)$/);
});
