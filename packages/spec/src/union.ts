import { isDate, type JsonSchema, patternOf } from "@unplugin-paw/program";

/**
 * In this order the members of a union are written, so that the same type is the same contract however the author
 * orders it.
 */
const RANKS: ((member: JsonSchema) => boolean)[] = [
  ({ type, format, pattern }) => type === "string" && format === undefined && pattern === undefined,
  (member) => isNumeric(member),
  ({ type }) => type === "string",
  ({ type }) => type === "array",
  (member) => "const" in member,
  ({ type }) => type === "boolean",
  () => true,
];

/** The JSON Schema of one of several types; those that another one covers are left out. */
export function unionOf(members: readonly JsonSchema[]): JsonSchema {
  const needed = members.filter(
    (member, index) =>
      !members.some(
        (other, place) => place !== index && covers(other, member) && (place < index || !covers(member, other)),
      ),
  );
  const ranked = needed
    .map((member) => ({ member, rank: rankOf(member) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ member }) => member);
  const [only] = ranked;
  if (only && ranked.length === 1) return only;
  return ranked.every((member) => "const" in member)
    ? { enum: ranked.map((member) => member.const) }
    : { anyOf: ranked };
}

/**
 * A text that comes before those of later members; of arrays by their items, of labels by their text, of numbers by
 * their range.
 */
function rankOf(member: JsonSchema): string {
  const rank = RANKS.findIndex((is) => is(member));
  const [item] = member.type === "array" ? membersOf(member.items as JsonSchema) : [];
  const range = isNumeric(member) ? `${member.type} ${member.minimum ?? ""}..${member.maximum ?? ""}` : "";
  return `${rank}${item ? rankOf(item) : (member.const ?? member.pattern ?? range)}`;
}

/** The types that a schema is one of. */
export function membersOf(schema: JsonSchema): readonly JsonSchema[] {
  if (schema.enum) return (schema.enum as string[]).map((text) => ({ const: text }));
  return (schema.anyOf as JsonSchema[] | undefined) ?? [schema];
}

export const isNumeric = ({ type }: JsonSchema): boolean => type === "number" || type === "integer";

/** True where every value of `b` is one of `a`. */
function covers(a: JsonSchema, b: JsonSchema): boolean {
  if ("const" in b) {
    if ("const" in a) return a.const === b.const;
    if (a.type === "string" && a.pattern !== undefined) return patternOf(a.pattern as string).matches(String(b.const));
    return a.type === "string" && (a.format === undefined || isDate(String(b.const)));
  }
  if ("const" in a) return false;
  if (isNumeric(a) && isNumeric(b)) {
    const [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    return (
      (a.type === "number" || b.type === "integer") &&
      ((a.minimum ?? from) as number) <= ((b.minimum ?? from) as number) &&
      ((a.maximum ?? to) as number) >= ((b.maximum ?? to) as number)
    );
  }
  if (a.type !== b.type) return false;
  if (a.type === "string") {
    return (a.format === undefined && a.pattern === undefined) || (a.format === b.format && a.pattern === b.pattern);
  }
  if (a.type !== "array") return true;
  const items = membersOf(a.items as JsonSchema);
  return membersOf(b.items as JsonSchema).every((item) => items.some((other) => covers(other, item)));
}
