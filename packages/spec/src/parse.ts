import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Contract } from "@unplugin-paw/program";
import { canonical } from "./canonical.ts";
import { checkCoverage, checkPairs } from "./check-pairs.ts";
import { readData } from "./data.ts";
import { type DataFileOptions, DataFiles } from "./data-files.ts";
import { type Diagnostic, type Problem, Problems } from "./diagnostics.ts";
import { digestOf } from "./digest.ts";
import { decode } from "./encoding.ts";
import { readFrontMatter } from "./frontmatter.ts";
import type { SectionName } from "./headings.ts";
import { type Pair, type PlacedPair, readItem } from "./items.ts";
import { nameOf } from "./name.ts";
import { MAX_SPEC_BYTES, readRegularFile, reason, UnreadableError } from "./read.ts";
import { type Recorded, readRecord, recordPath, requestDigest } from "./record.ts";
import { readBody } from "./sections.ts";
import { type Description, descriptionsOf, type Signature, type TypeLocations, typeLocations } from "./signature.ts";
import { type Location, locate, Source } from "./source.ts";

/** A `.paw` file, read and checked. */
export interface Spec {
  /** The file path, as given. */
  id: string;
  /** A lower-camel JavaScript identifier made of the file's base name. */
  name: string;
  /** The Markdown before the sections. */
  instructions: string;
  /** What the function takes and returns. */
  contract: Contract;
  /** The build fails when the tests score lower (0 to 1). */
  accuracy?: number;
  /** Where the spec says so: what a failed build points at. */
  accuracyLocation?: Location;
  /** Where the file says what the declarations say; absent in a spec that was not read from a file. */
  locations?: SpecLocations;
  /** The id of the interpreter to compile for, where the spec asks for one. */
  interpreter?: string;
  /** Absolute path of a file of real inputs, for a teacher to answer; it need not be there. */
  inputs?: string;
  /** What labels stand for, where the front matter says so. */
  descriptions?: Description[];
  /** The compiler may learn from these. */
  examples: Pair[];
  /** The compiler never sees these. */
  tests: Pair[];
  /** Absolute paths of the files that `from:` names, and of the record. */
  dataFiles: string[];
  /** Of a teacher's pairs beside the spec: how many of them were asked for with other instructions or types. */
  record?: { outdated: number };
  /** SHA-256 (hex) over the text and the data files, with `\n` as line break; the same on every machine. */
  digest: string;
}

/** Where the parts of a spec are written. */
export interface SpecLocations {
  instructions: Location;
  input?: TypeLocations;
  output: TypeLocations;
}

export interface ParseResult {
  /** Absent exactly when a diagnostic is an error. */
  spec?: Spec;
  diagnostics: Diagnostic[];
  /** As in the spec; here also when there is none, for what watches files. */
  dataFiles: string[];
}

export interface ParseOptions extends DataFileOptions {
  /** The pairs that a teacher wrote: the content of `x.paw.pairs.jsonl`. */
  record?: string | Uint8Array;
}

const MAX_PAIRS = 100_000;
const SMALLER = "A spec is a text file of at most 1 MB: put many examples into a data file that `from:` names.";

/**
 * Parses the text of a `.paw` file. Never throws on bad text or bad data files: they give diagnostics.
 *
 * @param text the file's text, or its bytes (which are checked to be UTF-8)
 * @param id the file's path: it names the function, and `from:` paths are relative to its folder
 * @example
 * const { spec, diagnostics } = parseSpec("---\nreturns: [yes, no]\n---\nIs this polite?", "polite.paw");
 * spec?.contract.output; // { kind: "labels", labels: ["yes", "no"] }
 */
export function parseSpec(text: string | Uint8Array, id: string, options: ParseOptions = {}): ParseResult {
  const problems = new Problems();
  const source = tooLarge(text, id) ?? decode(text, id, "spec");
  if (!(source instanceof Source)) {
    problems.add(source);
    return { diagnostics: problems.list, dataFiles: [] };
  }
  const frontMatter = readFrontMatter(source, problems);
  if (!frontMatter) return { diagnostics: problems.list, dataFiles: [] };
  const { signature, accuracy, interpreter, inputs, bodyStart, closing } = frontMatter;
  const body = readBody(source, bodyStart, closing, problems);
  const files = new DataFiles(id, options, problems);
  const inputsPath = inputs && files.locate(inputs.value, inputs.place)?.path;
  const pairs: PlacedPair[] = [];
  const contents: string[] = [];

  for (const item of body.items) {
    if (problems.full) break;
    const content = readItem(item, signature, problems);
    if (content && "pair" in content) pairs.push(content.pair);
    else if (content) {
      const data = files.read(content.from, content.place, content.section);
      if (!data || !signature) continue;
      contents.push(data.text);
      const { place: from, section, columns } = content;
      const file = { source: data, from, section, ...(columns && { columns }) };
      for (const pair of readData(file, signature, MAX_PAIRS - pairs.length, problems)) pairs.push(pair);
    }
    if (pairs.length > MAX_PAIRS) {
      const message = `The examples and tests are more than the limit of ${MAX_PAIRS.toLocaleString("en")} pairs.`;
      problems.error("too-many-pairs", item.place, message, "Keep the most telling ones.");
      break;
    }
  }
  if (options.record !== undefined) files.paths.push(resolve(recordPath(id)));
  const record = signature && readTaught(id, options.record, signature, body.instructions, problems);
  if (record) {
    contents.push(record.text);
    pairs.push(...withoutKnown(record.pairs, pairs).slice(0, MAX_PAIRS - pairs.length));
    if (record.outdated > 0 && !problems.failed) {
      const message = `${record.outdated} of the pairs that a teacher wrote in ${recordPath(id)} were asked for with other instructions or types.`;
      const hint = `Ask again: \`paw pairs regenerate ${id}\`. Where they are still right: \`paw pairs keep ${id}\`.`;
      problems.warning("record-outdated", body.place, message, hint);
    }
  }
  checkPairs(pairs, signature?.output, problems);
  if (!problems.failed) {
    checkCoverage(pairs, signature?.output, problems);
    for (const name of body.emptySections) {
      const hint = "Write list items such as `- input => output` below it, or remove the heading.";
      problems.warning("empty-section", name, "This section is empty.", hint);
    }
  }

  const tests = toPairs(pairs, "tests");
  if (accuracy && tests.length === 0 && !problems.failed) {
    const message = "`accuracy` is set, but there are no tests to measure it: the build could not fail.";
    problems.error("no-tests", accuracy.place, message, "Add tests under `## Tests`, or remove `accuracy`.");
  } else if (pairs.length === 0 && body.items.length === 0 && !problems.failed) {
    const hint =
      "Give a few under `## Examples` for the compiler to learn from, and others under `## Tests` for the score.";
    problems.warning("no-pairs", closing, "This spec has no examples and no tests: nothing can be measured.", hint);
  }
  const result = { diagnostics: problems.list, dataFiles: files.paths };
  if (problems.failed || !signature) return result;
  const spec: Spec = {
    id,
    name: nameOf(id),
    instructions: body.instructions,
    contract: signature.contract,
    locations: {
      instructions: locate(body.place),
      ...(signature.input && { input: typeLocations(signature.input) }),
      output: typeLocations(signature.output),
    },
    ...(accuracy ? { accuracy: accuracy.value, accuracyLocation: locate(accuracy.place) } : {}),
    ...(interpreter === undefined ? {} : { interpreter }),
    ...(inputsPath === undefined ? {} : { inputs: inputsPath }),
    ...descriptionsOf(signature),
    examples: toPairs(pairs, "examples"),
    tests,
    dataFiles: files.paths,
    ...(record && { record: { outdated: record.outdated } }),
    digest: digestOf([source.text, ...contents]),
  };
  return { spec, ...result };
}

/**
 * Reads and parses a `.paw` file. A file that cannot be read is a diagnostic too.
 *
 * @example
 * const { spec, diagnostics } = readSpec("src/sentiment.paw");
 * for (const diagnostic of diagnostics) console.error(formatDiagnostic(diagnostic));
 */
export function readSpec(path: string, options: Omit<ParseOptions, "readFile" | "record"> = {}): ParseResult {
  const unreadable = (what: string, file: string, error: unknown, hint: string): ParseResult => {
    const problems = new Problems();
    problems.error("unreadable", new Source(file, "").place(0), `${what} cannot be read: ${reason(error)}.`, hint);
    return { diagnostics: problems.list, dataFiles: file === path ? [] : [resolve(file)] };
  };
  const permissions = "Check the path and the file's permissions.";
  let bytes: Uint8Array;
  try {
    bytes = readRegularFile(path, MAX_SPEC_BYTES);
  } catch (error) {
    return unreadable("This spec", path, error, error instanceof UnreadableError ? SMALLER : permissions);
  }
  let record: Uint8Array | undefined;
  try {
    record = existsSync(recordPath(path)) ? readRegularFile(recordPath(path)) : undefined;
  } catch (error) {
    return unreadable("This record of a teacher's pairs", recordPath(path), error, permissions);
  }
  return parseSpec(bytes, path, { ...options, ...(record && { record }) });
}

/** The problem of a text that is no spec for its size alone: nothing of it is read. */
function tooLarge(text: string | Uint8Array, id: string): Problem | undefined {
  const bytes = typeof text === "string" ? Buffer.byteLength(text) : text.length;
  if (bytes <= MAX_SPEC_BYTES) return undefined;
  const message = `This spec has ${(bytes / 1e6).toFixed(1)} MB; the limit is 1 MB.`;
  return { code: "too-large", place: new Source(id, "").place(0), message, hint: SMALLER };
}

/** A record's pairs and its text; undefined where there is none, or it is no text. */
function readTaught(
  id: string,
  content: string | Uint8Array | undefined,
  signature: Signature,
  instructions: string,
  problems: Problems,
): (Recorded & { text: string }) | undefined {
  if (content === undefined) return undefined;
  const source = decode(content, recordPath(id), "data");
  if (!(source instanceof Source)) {
    problems.add(source);
    return undefined;
  }
  const request = requestDigest({ instructions, contract: signature.contract, ...descriptionsOf(signature) });
  return { ...readRecord(source, signature, request, problems), text: source.text };
}

/** What people wrote wins over a teacher's pairs of the same input. */
function withoutKnown(taught: readonly PlacedPair[], pairs: readonly PlacedPair[]): PlacedPair[] {
  const own = [...pairs, ...taught.filter(({ by }) => by === undefined)];
  const known = new Set(own.map(({ input }) => canonical(input)));
  return taught.filter(({ by, input }) => by === undefined || !known.has(canonical(input)));
}

function toPairs(pairs: PlacedPair[], section: SectionName): Pair[] {
  return pairs
    .filter((pair) => pair.section === section)
    .map(({ input, output, place, by }) => ({ input, output, location: locate(place), ...(by && { by }) }));
}
