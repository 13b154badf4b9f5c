import type { Row } from "./row.ts";

const row: Row = {
  name: "SvelteKit 3, adapter-node",
  fixture: "sveltekit",
  shows: ["@sveltejs/kit", "@sveltejs/adapter-node", "vite"],
  node: 22,
  dev: { command: "vite dev --port {port}" },
  build: ["vite build"],
  run: { command: "node build", files: ["build"] },
  types: ["svelte-kit sync", "paw types", "svelte-check --fail-on-warnings"],
  page: true,
  setup: {
    title: "SvelteKit",
    files: ["vite.config.js", "tsconfig.json", "src/routes/+page.server.ts"],
    text: "In SvelteKit 2, tsconfig.json extends `./.svelte-kit/tsconfig.json`, and `$app/types` is not among the types. `@unplugin-paw/runtime` and `onnxruntime-node` have to be in `dependencies`: adapter-node bundles what is in `devDependencies`.",
  },
};

export default row;
