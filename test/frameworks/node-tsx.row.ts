import type { Row } from "./row.ts";

const row: Row = {
  name: "tsx",
  fixture: "scripts",
  shows: ["tsx"],
  dev: { prints: "tsx --import unplugin-paw/register src/main.ts" },
  build: ["paw compile --cache-only"],
  run: {
    prints: "tsx --env-file=production.env --import unplugin-paw/register src/main.ts",
    files: ["src", "production.env", "node_modules/.cache/unplugin-paw"],
  },
  types: ["paw types", "tsc"],
  dashes: { client: "there is no page" },
};

export default row;
