/**
 * Specs without a bundler: `node --import unplugin-paw/register app.ts`. From then on `import`, and `require`, of a
 * `.paw` file give its function. The first import compiles the spec (progress goes to the standard error stream), later
 * ones take the program from the cache.
 *
 * Read from the environment: `PAW_EFFORT`, `PAW_FROZEN=1`, `PAW_CACHE` (a folder), `PAW_REMOTE`; they are the plugin's
 * options.
 *
 * @module
 */
import * as nodeModule from "node:module";
import { load } from "./hooks.ts";
import { loadSpec } from "./thread.ts";

type Extensions = Record<string, (module: Compilable, file: string) => void>;
type Hooking = Pick<typeof nodeModule, "register"> & { registerHooks?(hooks: object): void };
type Compilable = { _compile(code: string, file: string, format: "module"): void };

// onnxruntime does not see the environment of a thread, and threads compile: its telemetry is switched off here.
process.env.ORT_DISABLE_TELEMETRY ??= "1";

// `registerHooks` is there from Node 22.15 on. Up to 24 it breaks CommonJS where other hooks (tsx) are registered
// besides, and has `require` of an ES module fail; `register` does neither, and is deprecated in 26.
const { register, registerHooks } = nodeModule as Hooking;
if (registerHooks && Number.parseInt(process.versions.node, 10) >= 26) registerHooks({ load });
else register("./register-hooks.js", import.meta.url);

// These hooks are not called for what CommonJS requires, and no hook is where tools load CommonJS in their own way.
const { _extensions: extensions } = nodeModule.Module as unknown as { _extensions: Extensions };
extensions[".paw"] = (module, file) => module._compile(loadSpec(file), file, "module");
