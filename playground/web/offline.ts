import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

/** Kept by the runtime itself, once it has checked them: they need not be kept twice. */
const INTERPRETER = /\/(paw-run|paw-tokenizer|ort-wasm)/;

/** Writes `sw.js`: a service worker that keeps the files of this build. */
export function offline(): Plugin {
  return {
    name: "playground-offline",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      const files = Object.keys(bundle).filter((file) => !INTERPRETER.test(file) && file !== "index.html");
      const page = bundle["index.html"];
      const html = page?.type === "asset" ? page.source : "";
      const version = createHash("sha256").update(html).update(JSON.stringify(files)).digest("hex").slice(0, 12);
      const script = readFileSync(new URL("./src/sw.js", import.meta.url), "utf8");
      const source = `const version = "${version}";\nconst files = ${JSON.stringify(["./", ...files])};\n${script}`;
      this.emitFile({ type: "asset", fileName: "sw.js", source });
    },
  };
}
