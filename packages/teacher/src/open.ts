import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { TeacherError } from "./errors.ts";
import { ggufModel } from "./gguf.ts";
import { type CallSettings, type LanguageModel, languageModel } from "./language-model.ts";
import type { TeacherModel } from "./model.ts";

/**
 * Who writes the pairs: a model of the AI SDK (`openai("gpt-5")`), one behind any address that speaks OpenAI's protocol
 * (Ollama, vLLM, LM Studio), or a GGUF file that runs on this machine.
 */
export type Teacher = LanguageModel | EndpointTeacher | GgufTeacher;

/** A model behind an address that speaks OpenAI's protocol. */
export interface EndpointTeacher {
  /** Such as `http://localhost:11434/v1`. */
  url: string;
  /** The model's name there. */
  model: string;
  /** The environment variable that has the key. Default `PAW_TEACHER_KEY`; without it none is sent. */
  keyVariable?: string;
}

/** A chat model on this machine; it takes `node-llama-cpp`. */
export interface GgufTeacher {
  gguf: string;
}

/**
 * Opens a teacher.
 *
 * @throws {TeacherError} `OPTION`: it is none of them; `MISSING`: what it needs is not here
 */
export async function openTeacher(teacher: Teacher, settings: CallSettings): Promise<TeacherModel> {
  if (typeof teacher === "object" && teacher !== null) {
    if ("gguf" in teacher) return await ggufModel(teacher.gguf);
    if ("url" in teacher) return languageModel(endpoint(teacher), settings);
    if ("doGenerate" in teacher) {
      if (teacher.specificationVersion === "v3") return languageModel(teacher, settings);
      const version = (teacher as { specificationVersion?: string }).specificationVersion;
      const message = `The teacher is a model of another AI SDK (its provider interface is ${version}, not v3).`;
      const hint = "Install the provider's version for ai 6 (it runs on Node 20): such as @ai-sdk/openai@3.";
      throw new TeacherError("OPTION", message, hint);
    }
  }
  const hint = 'Give openai("..."), { url: "http://localhost:11434/v1", model: "..." } or { gguf: "./model.gguf" }.';
  throw new TeacherError("OPTION", "The teacher is no language model.", hint);
}

function endpoint({ url, model, keyVariable = "PAW_TEACHER_KEY" }: EndpointTeacher): LanguageModel {
  if (!URL.canParse(url) || typeof model !== "string" || model === "") {
    const hint = 'Such as { url: "http://localhost:11434/v1", model: "qwen3" }.';
    throw new TeacherError("OPTION", "The teacher's url must be a URL, and its model the name of one there.", hint);
  }
  const key = process.env[keyVariable];
  return createOpenAICompatible({ name: "teacher", baseURL: url, ...(key && { apiKey: key }) })(model);
}
