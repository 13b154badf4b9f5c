import { relative, sep } from "node:path";
import { readSpec } from "@unplugin-paw/spec";

/** One of several machines that share the work: the first of five is 1/5. */
export interface Shard {
  index: number;
  count: number;
}

/** Reads `2/5`; undefined where it says anything else. */
export function parseShard(text: string): Shard | undefined {
  const [, index, count] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number);
  if (index === undefined || count === undefined || index < 1 || index > count) return undefined;
  return { index, count };
}

/**
 * The specs of a shard. All shards together have each spec once, whatever the machine and the order given; none has
 * more than one program more than another. Copies of a spec are one program, which one shard compiles.
 */
export function takeShard(files: readonly string[], { index, count }: Shard): string[] {
  const place = (file: string) => relative(process.cwd(), file).replaceAll(sep, "/");
  const sorted = [...files].sort((a, b) => (place(a) < place(b) ? -1 : 1));
  const programs = new Map<string, string[]>();
  for (const file of sorted) {
    const { spec } = readSpec(file, { allowOutside: true }); // says nothing of what it reads
    const program = spec ? `${spec.name} ${spec.digest}` : place(file);
    programs.set(program, [...(programs.get(program) ?? []), file]);
  }
  return [...programs.values()].filter((_, i) => i % count === index - 1).flat();
}
