import type { Row } from "./row.ts";

const row: Row = {
  name: "Vitest 4",
  fixture: "vitest",
  versions: { vitest: "^4.0.0" },
  shows: ["vitest", "vite"],

  dev: { prints: "vitest run" },
  types: ["paw types", "tsc"],
  dashes: { build: "tests are not built", run: "tests are not deployed", client: "there is no page" },
};

export default row;
