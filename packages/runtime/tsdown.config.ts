import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { defineConfig, type UserConfig } from "tsdown";

/**
 * What a page loads stands alone: no bundler has to find anything for it, and it is built from sources, in any order of
 * packages.
 */
const browser: UserConfig = {
  platform: "browser",
  target: "es2022",
  dts: false,
  deps: { alwaysBundle: [/./], onlyBundle: false },
  inputOptions: { resolve: { conditionNames: ["paw-source", "browser", "import", "default"] } },
};

/**
 * The worker holds onnxruntime-web's JavaScript; this is the WebAssembly that fits it, to be checked after the
 * download.
 */
function wasmFile(): { bytes: number; sha256: string } {
  const path = createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
  const wasm = readFileSync(path);
  return { bytes: wasm.length, sha256: createHash("sha256").update(wasm).digest("hex") };
}

const configs: UserConfig[] = defineConfig([
  {
    entry: {
      ...{ index: "src/index.ts", assets: "src/assets.ts", hot: "src/hot.ts" },
      ...{ decode: "src/decode/index.ts", engine: "src/engine.ts", "node-worker": "src/node-worker.ts" },
    },
  },
  { ...browser, entry: { browser: "src/browser/index.ts" } },
  { entry: { browser: "src/browser/index.ts" }, dts: { emitDtsOnly: true } },
  {
    ...browser,
    entry: { worker: "src/browser/worker.ts" },
    minify: true,
    define: { ORT_WASM: JSON.stringify(wasmFile()) },
    outputOptions: { codeSplitting: false },
  },
]);
export default configs;
