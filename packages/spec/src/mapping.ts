import { isMap, isScalar, type Node, type YAMLMap } from "yaml";
import { didYouMean, type Problems, quote } from "./diagnostics.ts";
import type { Signature } from "./signature.ts";
import type { Place } from "./source.ts";
import { type Block, describe, type Entry, entries, isEmpty, textOf } from "./yaml.ts";

/** Which columns of a data file (or keys of its objects) have the inputs and outputs. */
export interface Columns {
  /** Of a text input. */
  input: string;
  output: string;
  /** Of the fields of an object input; absent for JSON whose `input` is the whole object. */
  fields?: Map<string, string>;
}

const KEYS = ["file", "input", "output"];
const FORM = "Write `- from: { file: ./data.csv, input: text, output: label }`.";

/**
 * Reads `{ file: ./data.csv, input: text, output: label }`; the input of a function that takes an object is a map of
 * its fields to columns.
 *
 * @returns undefined where it is wrong
 */
export function readMapping(
  map: YAMLMap,
  block: Block,
  signature: Signature | undefined,
  problems: Problems,
): { file: string; place: Place; columns: Columns } | undefined {
  const before = problems.list.length;
  const found = new Map<string, Entry>();
  for (const entry of entries(map, block, problems)) {
    found.set(entry.key, entry);
    if (KEYS.includes(entry.key)) continue;
    const hint = didYouMean(entry.key, KEYS, FORM);
    problems.error("unknown-key", entry.keyPlace, `\`from:\` has no key ${quote(entry.key)}.`, hint);
  }
  const text = (entry: Entry | undefined, otherwise: string): string => {
    if (!entry) return otherwise;
    const { value } = entry;
    if (isScalar(value) && !isEmpty(value)) return textOf(value).trim();
    problems.error("from", entry.place, `\`${entry.key}:\` needs one name, found ${describe(value)}.`, FORM);
    return otherwise;
  };
  const file = found.get("file");
  const input = found.get("input");
  if (!file) problems.error("from", block.place(map), "`from:` needs the path of a file: it has no `file:`.", FORM);
  const path = text(file, "");
  const fields = new Map<string, string>();
  if (isMap(input?.value)) {
    const names = signature?.input?.fields?.map((field) => field.name);
    if (signature && !names) {
      problems.error("from", input.place, "`input:` needs one name: the function takes one text.", FORM);
    }
    for (const entry of entries(input.value, block, problems)) {
      if (names && !names.includes(entry.key)) {
        const hint = didYouMean(entry.key, names, `The fields are ${names.join(", ")}.`);
        problems.error("from", entry.keyPlace, `The input has no field ${quote(entry.key)}.`, hint);
      }
      fields.set(entry.key, text(entry, entry.key));
    }
  }
  const columns: Columns = {
    input: isMap(input?.value as Node | null) ? "input" : text(input, "input"),
    output: text(found.get("output"), "output"),
    ...(fields.size > 0 && { fields }),
  };
  if (input && !isMap(input.value) && signature?.input) {
    // In JSON the object may lie behind a key of another name.
    if (/\.(csv|tsv)$/i.test(path)) {
      const hint = "Write a map of fields to columns: `input: { title: Subject }`.";
      problems.error("from", input.place, "The function takes an object: one column cannot hold it.", hint);
    }
  }
  return problems.list.length > before || !file ? undefined : { file: path, place: file.place, columns };
}
