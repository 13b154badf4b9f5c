import { isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import { Problems, quote } from "./diagnostics.ts";
import { HELP, MAX_DEPTH, NOT_NULL_ALONE, readExpression } from "./expression.ts";
import { readLabels } from "./labels.ts";
import type { Place } from "./source.ts";
import type { Field, Shape } from "./value-type.ts";
import { type Block, describe, entries, isEmpty } from "./yaml.ts";

const MAX_FIELDS = 100;

/** Reads a type out of the front matter; undefined where it is wrong (the problems say why). */
export function readShape(
  node: Node | null,
  place: Place,
  block: Block,
  problems: Problems,
  depth = 0,
): Shape | undefined {
  if (depth > MAX_DEPTH) {
    problems.error("type", place, `This type is nested more than ${MAX_DEPTH} deep.`, "Return a flatter value.");
    return undefined;
  }
  if (isSeq(node)) {
    const [item, ...others] = node.items as (Node | null)[];
    const isList = others.length === 0 && (isMap(item) || isSeq(item));
    return isList ? readList(item, block, problems, depth) : readLabels(node as YAMLSeq, place, block, problems);
  }
  if (isMap(node)) return readFields(node, place, block, problems, depth);
  if (isEmpty(node) || !isScalar(node) || typeof node.value !== "string") {
    const hint = !isEmpty(node) && isScalar(node) && node.value === null ? NOT_NULL_ALONE : HELP;
    problems.error("type", place, `Expected a type, found ${describe(node)}.`, hint);
    return undefined;
  }
  return readExpression(node.value, place, problems);
}

/** A list of one type: `[{ name: string, qty: number }]`, `[[red, green]]`. */
function readList(item: Node, block: Block, problems: Problems, depth: number): Shape | undefined {
  const place = block.place(item);
  const [only, ...others] = isMap(item) ? item.items : [];
  const type = only && others.length === 0 && isScalar(only.value) ? only.value.value : undefined;
  if (typeof type === "string" && !readExpression(type, place, new Problems())) {
    const hint =
      "Add the other labels, each on a line such as `- positive: what it stands for`. A list of objects is `[{ name: string }]`.";
    problems.error("labels", place, "A choice needs at least two labels, found 1.", hint);
    return undefined;
  }
  const items = readShape(item, place, block, problems, depth + 1);
  return items && { schema: { type: "array", items: items.schema }, items };
}

function readFields(map: YAMLMap, place: Place, block: Block, problems: Problems, depth: number): Shape | undefined {
  if (map.items.length > MAX_FIELDS) {
    problems.error("type", place, `More than ${MAX_FIELDS} fields.`, "Use fewer, or several functions.");
    return undefined;
  }
  const list = entries(map, block, problems);
  if (list.length === 0) {
    problems.error("type", place, "An object needs at least one field.", HELP);
    return undefined;
  }
  const fields: Field[] = [];
  const names = new Set<string>();
  for (const entry of list) {
    const optional = entry.key.endsWith("?");
    const name = optional ? entry.key.slice(0, -1) : entry.key;
    // The three names are traps of JavaScript.
    if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(name) || ["__proto__", "constructor", "prototype"].includes(name)) {
      const hint = "Letters, digits, `_`, `-` and `$`; a `?` at the end makes the field optional.";
      problems.error("field-name", entry.keyPlace, `${quote(entry.key)} cannot be the name of a field.`, hint);
    } else if (names.has(name)) {
      problems.error(
        "duplicate-key",
        entry.keyPlace,
        `The field ${quote(name)} is given twice.`,
        "Remove one of them.",
      );
    } else {
      names.add(name);
      const shape = readShape(entry.value, entry.place, block, problems, depth + 1);
      if (shape) fields.push({ name, optional, shape, keyPlace: entry.keyPlace, place: entry.place });
    }
  }
  if (fields.length !== map.items.length) return undefined;
  const schema = {
    type: "object",
    properties: Object.fromEntries(fields.map((field) => [field.name, field.shape.schema])),
    required: fields.filter((field) => !field.optional).map((field) => field.name),
    additionalProperties: false,
  };
  return { schema, fields };
}
