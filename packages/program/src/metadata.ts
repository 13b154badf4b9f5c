import type { Contract, InputContract, JsonSchema, OutputContract } from "./contract.ts";
import { ProgramError } from "./errors.ts";
import type { Head } from "./head.ts";
import { parseJson } from "./json.ts";
import type { Prefix } from "./prefix.ts";
import { misspelled, oversize, schemaOfSchemas } from "./schema.ts";
import { askedPrecision, outputLabels } from "./text.ts";
import { describeMisfit, misfit } from "./validate.ts";

/** One compiled function: everything that a runtime needs beside the interpreter itself. */
export interface Program {
  /** Of the spec. */
  name: string;
  /** The run-time interpreter it was compiled for; `digest` is its SHA-256 in hex. */
  interpreter: { id: string; digest: string };
  spec: { digest: string };
  /** How it was compiled; `effort` as the compiler names it. */
  compiler: { version: string; effort: string; seed: number };
  contract: Contract;
  /** The discrete half, readable. */
  pseudoProgram: string;
  /** The continuous half. */
  prefix: Prefix;
  /** A linear classifier whose log-probabilities are added to the decoder's, of closed labels only. */
  head?: Head;
  /**
   * Applied to label scores: `bias` (log units, one a label, in the order of `outputLabels`), then `temperature` (above
   * 0). Of all else an answer's probability is the product of its tokens' to the power of `temperature`. In both, a
   * higher one is less sure. An answer is null below the probability `threshold`, where the contract asks for a
   * precision.
   */
  calibration: { temperature: number; bias?: number[]; threshold?: number; verbatim?: Verbatim };
  /** Most tokens of an answer; one that has not ended by then is an error. Closed labels never reach it. */
  answerTokens: number;
  /**
   * What each stage scored on the validation examples (null: not measured) and whether it was kept, and the result of
   * the spec's tests (null: none).
   */
  scores: {
    stages: { name: string; validation: number | null; kept: boolean }[];
    tests: { passed: number; total: number; accuracy: number } | null;
    /** Where the contract asks for a precision: on the validation examples, at some thresholds. */
    coverage?: Coverage[];
  };
  /** Of the interpreter, such as `Apache-2.0`. */
  licence: string;
  /**
   * What else is known of how it was made, as JSON: nothing that running it needs. Versions that do not know an entry
   * keep it. Absent in files of format version 1.
   */
  provenance?: { [name: string]: unknown };
}

/**
 * Of strings without a pattern: what is expected of an answer. Tokens that make a part of the input, or one of the
 * answers `besides`, are worth `by` log units more than the others.
 */
export interface Verbatim {
  by: number;
  besides: string[];
  /** Whether a part begins and ends where words do. Default: it may be any. */
  wholeWords?: boolean;
}

/** How a function does that answers null below a probability. */
export interface Coverage {
  threshold: number;
  /** Share of the inputs that it answers. */
  coverage: number;
  /** Share of those answers that are right; null where there are none. */
  precision: number | null;
}

/** What the header holds of a program. */
export type Metadata = Omit<Program, "prefix" | "head">;

/**
 * Bounds of a calibration: temperatures from a thousandth to a thousand, biases in log units. Beyond them the largest
 * score takes all, or all labels the same, whatever the model says.
 */
export const MAX_TEMPERATURE = 1000;
export const MAX_BIAS = 1000;

const text = { type: "string", minLength: 1 };
const count = { type: "integer", minimum: 0 };
const share = { type: "number", minimum: 0, maximum: 1 };

function fields(properties: JsonSchema, ...optional: string[]) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", properties, required, additionalProperties: false };
}

/** An object told apart by `kind`. */
function kinds(variants: { [kind: string]: JsonSchema }, ...optional: string[]) {
  return {
    type: "object",
    required: ["kind"],
    properties: { kind: { enum: Object.keys(variants) } },
    anyOf: Object.entries(variants).map(([kind, properties]) =>
      fields({ kind: { const: kind }, ...properties }, ...optional),
    ),
  };
}

const metadataSchema: JsonSchema = {
  ...fields(
    {
      name: text,
      interpreter: fields({ id: text, digest: { type: "string", pattern: "^[0-9a-f]{64}$" } }),
      spec: fields({ digest: text }),
      compiler: fields({ version: text, effort: text, seed: { type: "integer" } }),
      contract: fields(
        {
          input: kinds({
            string: {},
            object: {
              schema: {
                ...schemaOfSchemas,
                required: ["type"],
                properties: { ...schemaOfSchemas.properties, type: { const: "object" } },
              },
            },
          }),
          output: kinds(
            {
              labels: { labels: { type: "array", minItems: 1, maxItems: 10_000, items: text } },
              boolean: {},
              string: { pattern: text },
              quote: {},
              number: {},
              date: {},
              json: { schema: schemaOfSchemas },
            },
            "pattern",
          ),
          abstain: { anyOf: [share, fields({ precision: share })] },
        },
        "abstain",
      ),
      pseudoProgram: { type: "string" },
      calibration: fields(
        {
          temperature: { type: "number", minimum: 1 / MAX_TEMPERATURE, maximum: MAX_TEMPERATURE },
          bias: { type: "array", items: { type: "number", minimum: -MAX_BIAS, maximum: MAX_BIAS } },
          threshold: share,
          verbatim: fields(
            {
              by: { type: "number", minimum: 0, maximum: MAX_BIAS },
              besides: { type: "array", maxItems: 10_000, items: { type: "string" } },
              wholeWords: { type: "boolean" },
            },
            "wholeWords",
          ),
        },
        "bias",
        "threshold",
        "verbatim",
      ),
      answerTokens: { type: "integer", minimum: 1, maximum: 4096 },
      scores: fields(
        {
          stages: {
            type: "array",
            maxItems: 1000,
            items: fields({ name: text, validation: { type: ["number", "null"] }, kept: { type: "boolean" } }),
          },
          tests: { ...fields({ passed: count, total: count, accuracy: share }), type: ["object", "null"] },
          coverage: {
            type: "array",
            maxItems: 100,
            items: fields({ threshold: share, coverage: share, precision: { ...share, type: ["number", "null"] } }),
          },
        },
        "coverage",
      ),
      licence: text,
      provenance: { type: "object" },
    },
    "provenance",
  ),
};

/**
 * The metadata as JSON text. Keys stand in a fixed order, whatever order the caller's objects have; only `provenance`
 * keeps its own, and JSON Schemas, because the order of an object's fields is the order in which the model reads them.
 */
export function printMetadata(program: Metadata): string {
  const {
    name,
    interpreter,
    spec,
    compiler,
    contract,
    pseudoProgram,
    calibration,
    answerTokens,
    scores,
    licence,
    provenance,
  } = program;
  const { tests } = scores;
  return JSON.stringify({
    name,
    interpreter: { id: interpreter.id, digest: interpreter.digest },
    spec: { digest: spec.digest },
    compiler: { version: compiler.version, effort: compiler.effort, seed: compiler.seed },
    contract: { input: variant(contract.input), output: variant(contract.output), abstain: contract.abstain },
    pseudoProgram,
    calibration: {
      temperature: calibration.temperature,
      bias: calibration.bias,
      threshold: calibration.threshold,
      verbatim: calibration.verbatim && {
        by: calibration.verbatim.by,
        besides: calibration.verbatim.besides,
        wholeWords: calibration.verbatim.wholeWords,
      },
    },
    answerTokens,
    scores: {
      stages: scores.stages.map((stage) => ({ name: stage.name, validation: stage.validation, kept: stage.kept })),
      tests: tests && { passed: tests.passed, total: tests.total, accuracy: tests.accuracy },
      coverage: scores.coverage?.map(({ threshold, coverage, precision }) => ({ threshold, coverage, precision })),
    },
    licence,
    provenance,
  });
}

function variant(contract: InputContract | OutputContract) {
  const { kind, labels, pattern, schema } = contract as {
    kind: string;
    labels?: string[];
    pattern?: string;
    schema?: JsonSchema;
  };
  return { kind, labels, pattern, schema };
}

/** @throws {ProgramError} of code `program`, naming the field. */
export function parseMetadata(json: string): Metadata {
  const refuse = (what: string) => new ProgramError("program", what, "Compile the spec again with this version.");
  let value: unknown;
  try {
    value = parseJson(json);
  } catch (error) {
    throw refuse(`the program's metadata is not valid JSON: ${(error as Error).message}`);
  }
  const problem = misfit(value, metadataSchema);
  if (problem) {
    const { path, message } = describeMisfit(problem);
    throw refuse(`${path || "the program's metadata"} ${message}`);
  }

  const metadata = value as Metadata;
  const { contract, calibration, scores } = metadata;
  for (const name of ["input", "output"] as const) {
    const side = contract[name];
    const problem = "schema" in side ? oversize(side.schema) : undefined;
    if (problem) throw refuse(`contract.${name}.schema ${problem}`);
    const pattern = misspelled(side);
    if (pattern) throw refuse(`contract.${name} ${pattern}`);
  }
  const labels = outputLabels(contract);
  if (labels && new Set(labels.map((label) => label.trim()).filter(Boolean)).size < labels.length) {
    throw refuse("contract.output.labels has a label twice or a blank one");
  }
  if (contract.abstain !== undefined && !labels) throw refuse("contract.abstain needs an output of closed labels");
  if ((askedPrecision(contract) !== undefined) !== (calibration.threshold !== undefined)) {
    throw refuse("calibration.threshold and contract.abstain.precision go together");
  }
  if (calibration.bias && calibration.bias.length !== labels?.length) {
    throw refuse(`calibration.bias has ${calibration.bias.length} numbers for ${labels?.length ?? 0} labels`);
  }
  const { output } = metadata.contract;
  if (calibration.verbatim !== undefined && !(output.kind === "string" && output.pattern === undefined)) {
    throw refuse("calibration.verbatim is of strings without a pattern");
  }
  if (scores.tests && scores.tests.passed > scores.tests.total) {
    throw refuse("scores.tests.passed is more than the total");
  }
  return metadata;
}
