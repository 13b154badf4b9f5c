// biome-ignore lint/correctness/noUnusedImports: a bundler must drop it, program, interpreter and all
import tone from "./tone.paw";

globalThis.answers = Promise.resolve("no program here");
