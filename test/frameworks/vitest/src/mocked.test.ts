import { expect, test, vi } from "vitest";
import tone from "./tone.paw";

vi.mock("./tone.paw", () => ({ default: async () => "mocked" }));

test("a mock takes its place", async () => {
  expect(await tone("Thank you")).toBe("mocked");
});
