import { parseModule } from "magicast";
import { append, applyEdits, type Edit, insertion, like, normalised } from "./edits.ts";
import { factsOf, type Tool } from "./tools.ts";

/** A node of the syntax tree, as Babel has it. */
interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/**
 * Adds the plugin to a configuration, or to a script that calls esbuild: an import, and a call in the list of plugins
 * (of Nuxt its name there, of Next.js a call around what is exported). Nothing else of the text changes.
 *
 * @returns the new text (the same where the plugin is there already); undefined where the configuration has a shape
 * that is not understood
 */
export function addPlugin(original: string, tool: Tool): string | undefined {
  if (usesPlugin(original)) return original;
  const text = normalised(original);
  const program = parse(text);
  const edits = program && editsFor(text, program, tool);
  if (!edits) return undefined;
  const added = applyEdits(text, edits);
  return parse(added) ? like(original, added) : undefined;
}

function editsFor(text: string, program: Node, tool: Tool): Edit[] | undefined {
  const { as, entry, list } = factsOf(tool);
  const taken = (name: string) => nodes(program).some((node) => nameOf(node) === name);
  if (as === "wrapper") {
    const around = taken("withPaw") ? undefined : wrapperEdits(program);
    return around && [importEdit(text, program, "{ withPaw }", entry), ...around];
  }
  const config = configuration(program, tool);
  if (!config) return undefined;
  if (as === "name")
    return listEdits(text, program, config, list, `${quoteOf(text)}unplugin-paw/${entry}${quoteOf(text)}`);
  const name = taken("paw") ? "unpluginPaw" : "paw";
  const call = listEdits(text, program, config, list, `${name}(${factsOf(tool).options ?? ""})`);
  return call && [importEdit(text, program, name, entry), ...call];
}

/** A call around what a module exports. */
function wrapperEdits(program: Node): Edit[] | undefined {
  const value = exported(program);
  if (!value || value.type === "ClassDeclaration") return undefined;
  // (A function that is declared there and named elsewhere, too, would lose its name.)
  const name = value.type === "FunctionDeclaration" ? nameOf(value.id as Node | null) : undefined;
  if (name !== undefined && nodes(program).filter((node) => nameOf(node) === name).length > 1) return undefined;
  return [insertion(value.start, "withPaw("), insertion(value.end, ")")];
}

/** Whether a configuration imports the plugin. */
export function usesPlugin(text: string): boolean {
  return /["']unplugin-paw(?:\/[a-z]+)?["']/.test(text);
}

/** The lines that somebody adds to a configuration by hand. */
export function linesByHand(text: string, tool: Tool): string {
  const { as, entry, list } = factsOf(tool);
  const from = `"unplugin-paw/${entry}"`;
  const lines = (item: string) =>
    list.reduceRight((inner, name, i) => {
      return i === list.length - 1 ? `${name}: [${inner}]` : `${name}: { ${inner} }`;
    }, item);
  if (as === "name") return `  ${lines(from)},`;
  const isModule = !/\bmodule\.exports\b/.test(text);
  if (as === "call")
    return `  ${importLine("paw", from, isModule)};\n  ${lines(`paw(${factsOf(tool).options ?? ""})`)},`;
  return `  ${importLine("{ withPaw }", from, isModule)};\n  ${isModule ? "export default" : "module.exports ="} withPaw(config);`;
}

/** Undefined where the text is no JavaScript or TypeScript. */
function parse(text: string): Node | undefined {
  try {
    // The library takes every tab for `tabWidth` spaces; so offsets stay what they are.
    return parseModule(text, { tabWidth: 1 }).$ast as unknown as Node;
  } catch {
    return undefined;
  }
}

/** The object that configures the bundler, if there is exactly one. */
function configuration(program: Node, tool: Tool): Node | undefined {
  const values = tool === "esbuild" ? esbuildOptions(program) : [exported(program)];
  const objects = new Set(values.map((value) => objectOf(value, program)));
  return objects.size === 1 ? [...objects][0] : undefined;
}

/** `export default` or `module.exports =`. */
function exported(program: Node): Node | undefined {
  for (const statement of program.body as Node[]) {
    if (statement.type === "ExportDefaultDeclaration") return statement.declaration as Node;
    const { type, left, right } = (statement.expression ?? {}) as { type?: string; left?: Node; right?: Node };
    if (type === "AssignmentExpression" && left && isMember(left, "module", ["exports"])) return right;
  }
  return undefined;
}

/** What the calls of esbuild's `build` and `context` are given. */
function esbuildOptions(program: Node): (Node | undefined)[] {
  const calls = nodes(program).filter(({ type, callee }) => {
    if (type !== "CallExpression") return false;
    const called = callee as Node;
    return isMember(called, "esbuild", ["build", "context"]) || ["build", "context"].includes(nameOf(called) ?? "");
  });
  return calls.map((call) => (call.arguments as Node[])[0]);
}

/** The object that a value is, or that a function returns. */
function objectOf(node: Node | undefined, program: Node, depth = 0): Node | undefined {
  if (!node || depth > 10) return undefined;
  const follow = (next: unknown) => objectOf(next as Node | undefined, program, depth + 1);
  switch (node.type) {
    case "ObjectExpression":
      return node;
    case "ArrayExpression": {
      const elements = node.elements as Node[];
      return elements.length === 1 ? follow(elements[0]) : undefined;
    }
    case "Identifier":
      return follow(declared(node.name as string, program));
    case "CallExpression":
      return /^define\w*Config$/.test(nameOf(node.callee as Node) ?? "")
        ? follow((node.arguments as Node[])[0])
        : undefined;
    case "ArrowFunctionExpression":
    case "FunctionExpression":
    case "FunctionDeclaration": {
      const body = node.body as Node;
      if (body.type !== "BlockStatement") return follow(body);
      const returns = nodes(body, isFunction).filter(({ type }) => type === "ReturnStatement");
      return returns.length === 1 ? follow(returns[0]?.argument) : undefined;
    }
    default:
      return isWrapper(node) ? follow(node.expression) : undefined;
  }
}

/** The value that a name was given, where it was given one only. */
function declared(name: string, program: Node): Node | undefined {
  const found = nodes(program).filter(
    ({ type, id }) => (type === "VariableDeclarator" || type === "FunctionDeclaration") && nameOf(id as Node) === name,
  );
  if (found.length !== 1) return undefined;
  return found[0]?.type === "FunctionDeclaration" ? found[0] : (found[0]?.init as Node | undefined);
}

/** Adds an item to the list at a path in an object, or what is missing of the path and the list. */
function listEdits(
  text: string,
  program: Node,
  object: Node,
  [name = "", ...rest]: readonly string[],
  item: string,
): Edit[] | undefined {
  const properties = object.properties as Node[];
  const found = properties.find(({ key, computed }) => {
    return key !== undefined && !computed && (nameOf(key as Node) ?? (key as Node).value) === name;
  });
  if (!found) {
    // What is spread may have plugins of its own, which a list here would replace.
    if (properties.some(({ type }) => type === "SpreadElement")) return undefined;
    const value = rest.reduceRight((inner, part) => `{ ${part}: ${inner} }`, `[${item}]`);
    return append(text, { ...object, items: properties }, [`${name}: ${value}`]);
  }
  if (rest.length > 0) {
    const inner = objectOf(found.value as Node | undefined, program);
    return inner && listEdits(text, program, inner, rest, item);
  }
  const list = listOf(found.value as Node | undefined, program);
  const elements = list?.elements as (Node | null)[] | undefined;
  if (!list || elements?.includes(null)) return undefined;
  return append(text, { ...list, items: elements as Node[] }, [item]);
}

/** The array that a value is, or that it is made from by `[...].filter(...)` and the like. */
function listOf(node: Node | undefined, program: Node, depth = 0): Node | undefined {
  if (!node || depth > 10) return undefined;
  if (node.type === "ArrayExpression") return node;
  if (node.type === "Identifier") return listOf(declared(node.name as string, program), program, depth + 1);
  if (isWrapper(node)) return listOf(node.expression as Node, program, depth + 1);
  const { type, object, property } = (node.callee ?? {}) as { type?: string; object?: Node; property?: Node };
  if (node.type !== "CallExpression" || type !== "MemberExpression" || !property) return undefined;
  return ["filter", "concat", "flat"].includes(nameOf(property) ?? "") ? listOf(object, program, depth + 1) : undefined;
}

/** Behind the other imports, in their style. */
function importEdit(text: string, program: Node, name: string, entry: string): Edit {
  const body = program.body as Node[];
  const isModule = body.some(({ type }) => /^(?:Import|Export)/.test(type));
  const imports = body.filter((statement) => {
    return isModule ? statement.type === "ImportDeclaration" : /^const [^=]+ = require\(/.test(source(text, statement));
  });
  const last = imports.at(-1);
  const style = last ? source(text, last) : text;
  const quote = quoteOf(style);
  const semicolon = (last ? style.endsWith(";") : /;$/m.test(style)) ? ";" : "";
  const from = `${quote}unplugin-paw/${entry}${quote}`;
  const line = importLine(name, from, isModule);
  if (last) return insertion(last.end, `\n${line}${semicolon}`);
  const first = body[0];
  // (A comment in JSDoc belongs to what follows, such as the type of the configuration.)
  const comments = (first?.comments ?? []) as (Node & { value: string })[];
  const attached = comments.findLast(({ leading, type, value }) => {
    return leading && type === "CommentBlock" && value.startsWith("*");
  });
  return insertion(attached?.start ?? first?.start ?? 0, `${line}${semicolon}\n\n`);
}

function quoteOf(text: string): string {
  return text.match(/["']/)?.[0] ?? '"';
}

/** (A CommonJS file gets the namespace of an ES module.) */
function importLine(name: string, from: string, isModule: boolean): string {
  return isModule
    ? `import ${name} from ${from}`
    : `const ${name} = require(${from})${name.startsWith("{") ? "" : ".default"}`;
}

/** All nodes below one, and itself. */
function nodes(root: Node, skip: (node: Node) => boolean = () => false): Node[] {
  const found: Node[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    else if (isNode(value) && (value === root || !skip(value))) {
      found.push(value);
      for (const [field, child] of Object.entries(value)) if (!OUTSIDE.includes(field)) visit(child);
    }
  };
  visit(root);
  return found;
}

/** Fields that lead out of the tree. */
const OUTSIDE = ["loc", "original", "tokens", "comments", "leadingComments", "trailingComments", "innerComments"];

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

function isFunction({ type }: Node): boolean {
  return /Function|ObjectMethod|ClassMethod/.test(type);
}

/** An expression with a type or parentheses around it. */
function isWrapper({ type }: Node): boolean {
  return ["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression", "ParenthesizedExpression"].includes(type);
}

function isMember({ type, object, property }: Node, of: string, names: string[]): boolean {
  return type === "MemberExpression" && nameOf(object as Node) === of && names.includes(nameOf(property as Node) ?? "");
}

function nameOf(node: Node | null | undefined): string | undefined {
  return node?.type === "Identifier" ? (node.name as string) : undefined;
}

function source(text: string, { start, end }: Node): string {
  return text.slice(start, end);
}
