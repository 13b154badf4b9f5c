import type { Options } from "./options.ts";
import quality from "./quality.ts";

/** Functions that a larger model writes in JavaScript, beside what it takes to beat a constant. */
export default async function synthesis({ gguf, ...options }: Options): Promise<void> {
  if (!gguf) throw new Error("synthesis needs --gguf PATH, an instruction-tuned model");
  await quality({ ...options, "prompted-gguf": gguf, columns: "majority,naiveBayes,synthesis" });
}
