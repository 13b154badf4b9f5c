import { readdirSync } from "node:fs";
import type { Row } from "./row.ts";

/** All rows: the files `*.row.ts` beside this one, each beside the folder of its project. */
export const rows: Row[] = await Promise.all(
  readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith(".row.ts"))
    .sort()
    .map(async (file) => (await import(`./${file.slice(0, -".row.ts".length)}.row.ts`)).default as Row),
);
