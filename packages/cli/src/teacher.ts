import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Spec } from "@unplugin-paw/spec";
import { lacksPairs } from "@unplugin-paw/spec/record";
import type { Taught, Teacher, TeachOptions } from "@unplugin-paw/teacher";
import { loadSpec } from "./compiler.ts";
import { UsageError } from "./errors.ts";
import { note, plain } from "./output.ts";

export interface TeacherFlags {
  /** `model.gguf`, or `http://host/v1#model`; default: the teacher of `paw.config.js`. */
  teacher?: string;
  frozen?: boolean;
  allowOutside?: boolean;
}

/** What `paw.config.js` exports of this; it may be all of the plugin's options. */
export interface Config {
  teacher?: Teacher;
  teaching?: Pick<TeachOptions, "pairs" | "limits" | "price">;
}

const CONFIGS = ["paw.config.js", "paw.config.mjs", "paw.config.ts"];

/**
 * The teacher that the command line or `paw.config.js` names.
 *
 * @throws {UsageError} it names none as it must
 */
export async function configured({ teacher }: TeacherFlags): Promise<Config> {
  const config = await readConfig();
  return teacher === undefined ? config : { ...config, teacher: named(teacher) };
}

async function readConfig(): Promise<Config> {
  const file = CONFIGS.map((name) => resolve(name)).find((path) => existsSync(path));
  if (file === undefined) return {};
  try {
    const { default: config } = await import(pathToFileURL(file).href);
    return typeof config === "object" && config !== null ? config : {};
  } catch (error) {
    const hint = file.endsWith(".ts") ? "Node reads TypeScript from 22.18 on; else write paw.config.js." : undefined;
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`, hint);
  }
}

function named(teacher: string): Teacher {
  if (teacher.endsWith(".gguf")) return { gguf: resolve(teacher) };
  const [url = "", model = ""] = teacher.split("#");
  if (/^https?:/.test(url) && URL.canParse(url) && model !== "") return { url, model };
  const hint = "--teacher model.gguf, or --teacher http://localhost:11434/v1#qwen3 (its key is in PAW_TEACHER_KEY).";
  throw new UsageError(`${teacher} names no teacher.`, hint);
}

/**
 * A spec with the pairs that it lacks, by the configured teacher if there is one.
 *
 * @throws {UsageError} `frozen` forbids to ask
 * @throws {TeacherError} the teacher cannot go on
 */
export async function withPairs(spec: Spec, flags: TeacherFlags, signal: AbortSignal): Promise<Spec | undefined> {
  const config = await configured(flags);
  if (!config.teacher || !lacksPairs(spec, config.teaching?.pairs)) return spec;
  if (flags.frozen) {
    const hint = `Run paw pairs regenerate ${spec.id} and commit its record.`;
    throw new UsageError(`${spec.id} lacks pairs, and --frozen forbids to ask its teacher.`, hint);
  }
  await teachSpec(spec, config, {}, signal);
  return loadSpec(spec.id, flags);
}

/**
 * Has the teacher write, and says what that took.
 *
 * @throws {UsageError} there is no teacher, or its package is missing
 * @throws {TeacherError} the teacher cannot go on
 */
export async function teachSpec(
  spec: Spec,
  { teacher, teaching }: Config,
  options: Pick<TeachOptions, "inputs" | "pairs" | "certainty">,
  signal: AbortSignal,
): Promise<Taught> {
  if (!teacher) {
    const hint = "Name one with --teacher, or as `teacher` in paw.config.js.";
    throw new UsageError("There is no teacher to ask.", hint);
  }
  const { teach, describeUsage } = await import("@unplugin-paw/teacher").catch((cause) => {
    const hint = "npm install --save-dev @unplugin-paw/teacher";
    throw new UsageError("A teacher takes the package @unplugin-paw/teacher, which is not here.", hint, { cause });
  });
  const taught = await teach(spec, teacher, {
    ...teaching,
    ...options,
    signal,
    onStart: (estimate) => note(`${spec.id}: asks the teacher: about ${describeUsage(estimate)}`),
    onWait: () => note(`${spec.id}: waits for another process, which writes its pairs`),
    onProgress: ({ pairs, wanted, usage }) => note(`${spec.id}: ${pairs} of ${wanted} pairs, ${usage.calls} calls`),
  });
  if (taught.refused > 0) note(`${spec.id}: ${taught.refused} of the inputs are none that this function takes`);
  note(`${plain(taught.path)}: ${taught.pairs} pairs by the teacher, for review (${describeUsage(taught.usage)})`);
  return taught;
}
