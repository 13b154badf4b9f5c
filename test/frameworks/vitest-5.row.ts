import type { Row } from "./row.ts";

const row: Row = {
  name: "Vitest 5",
  fixture: "vitest",
  versions: { vitest: "^5.0.0", "@types/node": "^22.0.0" },
  shows: ["vitest", "vite"],
  node: 22,
  dev: { prints: "vitest run" },
  types: ["paw types", "tsc"],
  dashes: { build: "tests are not built", run: "tests are not deployed", client: "there is no page" },
};

export default row;
