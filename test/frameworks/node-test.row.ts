import type { Row } from "./row.ts";

const row: Row = {
  name: "node --test",
  fixture: "scripts",
  shows: [],
  dev: { prints: "node --import unplugin-paw/register --test --test-reporter=spec src/tone.test.js" },
  types: ["paw types", "tsc"],
  dashes: { build: "tests are not built", run: "tests are not deployed", client: "there is no page" },
};

export default row;
