import type { Row } from "./row.ts";

const row: Row = {
  name: "Next.js 16, Turbopack",
  fixture: "next",
  shows: ["next", "react"],
  spec: "app/tone.paw",
  dev: { command: "next dev --port {port}" },
  build: ["next build"],
  run: { command: "next start --port {port}", files: [".next", "public", "next.config.ts"] },
  types: ["next typegen", "paw types", "tsc --noEmit"],
  page: true,
  setup: {
    title: "Next.js",
    files: ["next.config.ts", "app/page.tsx", "app/ask.tsx", "app/api/tone/route.ts"],
    text: [
      "`withPaw(config, options)` takes the plugin's options, and is for Turbopack and webpack. Server code has its programs in it. With Turbopack, what",
      "browsers fetch lies below `public/_paw`, which git ignores: deploy `public` with the output, and let no middleware stop these paths.",
      '`next start` reads the configuration, so `unplugin-paw` is a dependency for it; what `output: "standalone"` makes needs neither. The edge',
      'runtime cannot run programs, and the build says so: `export const runtime = "nodejs"`. Next.js 15 reads `next.config.ts` with TypeScript in production, too: make that a dependency, or write `next.config.mjs`.',
    ].join("\n"),
  },
};

export default row;
