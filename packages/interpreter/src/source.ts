import type { InterpreterCard, Source } from "./card.ts";

/** What a source needs to know and to say while it works. */
export interface FetchJob {
  file: InterpreterCard["file"];
  /** Where the model's bytes go. A source finds there what an earlier, broken run left. */
  partial: string;
  onProgress: (progress: { stage: "download" | "unpack"; loaded: number; total?: number }) => void;
  signal: AbortSignal;
}

/** This source does not give the file; another may. */
export class SourceError extends Error {
  override readonly name = "SourceError";
}

/** How messages and progress name a source. */
export function sourceName(source: Source): string {
  return source.kind === "http" ? source.url : `pip download ${source.package}==${source.version}`;
}
