import type { Row } from "./row.ts";

const electron =
  "Electron's binary is in no package registry, so windows are not opened here: Node runs what is built for the main process.";

const row: Row = {
  name: "electron-vite, main process",
  fixture: "electron-vite",
  shows: ["electron-vite", "vite"],
  build: ["electron-vite build"],
  run: { prints: "node out/main/index.js", files: ["out"] },
  types: ["paw types", "tsc"],
  dashes: { dev: electron, client: electron },
  setup: {
    title: "electron-vite",
    files: ["electron.vite.config.ts", "src/main/tone.ts", "src/main/index.ts", "src/preload/index.ts"],
  },
};

export default row;
