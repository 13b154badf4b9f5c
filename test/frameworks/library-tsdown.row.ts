import type { Row } from "./row.ts";

/** An application that has the library in its bundle. */
export const bundle =
  "esbuild user/app.mjs --bundle --platform=node --format=esm --external:@unplugin-paw/runtime --outfile=user/bundled.mjs";
const row: Row = {
  name: "tsdown, library",
  fixture: "library",
  over: "tsdown",
  shows: ["tsdown", "typescript"],
  build: ["paw types --beside", "tsdown", bundle],
  run: { prints: "node user/main.mjs", files: ["dist", "user"] },
  types: ["paw types --beside", "tsc", "tsdown", "tsc -p user"],
  dashes: { dev: "a library has no development server", client: "it is built for Node" },
};

export default row;
