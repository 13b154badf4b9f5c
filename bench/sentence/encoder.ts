import { Tokenizer } from "@huggingface/tokenizers";
import {
  add,
  encodeModel,
  fusedMatMul,
  Graph,
  gather,
  gemm,
  type Operator,
  reduceMean,
  reshape,
  softmax,
  transpose,
  type Value,
  type ValueType,
} from "@unplugin-paw/graph";
import ort from "onnxruntime-node";
import { miniLmFiles } from "./files.ts";

/** all-MiniLM-L6-v2, a BERT (https://arxiv.org/abs/1810.04805) of 6 layers. */
const layers = 6;
const heads = 12;
const headSize = 32;
const width = heads * headSize;
const normEpsilon = 1e-12;
/** Tokens of a text, the two that frame it counted; sentence-transformers cuts here too. */
const maxTokens = 256;

/** A text's embedding: mean of the last layer over the tokens, scaled to length 1; 384 numbers. */
export type Encode = (text: string) => Promise<Float32Array>;

/**
 * Opens the sentence encoder.
 *
 * @throws {InterpreterError} its files cannot be had
 * @example
 * const encode = await openEncoder();
 * await encode("This is an example sentence"); // [0.0677, 0.0635, 0.0487, ...]
 */
export async function openEncoder(): Promise<Encode> {
  const files = await miniLmFiles();
  const tokenizer = new Tokenizer(files.tokenizer, {});
  const session = await ort.InferenceSession.create(encodeModel(encoderGraph(readTensors(files.weights))).model);
  return async (text) => {
    const { ids } = tokenizer.encode(text);
    const cut = ids.length > maxTokens ? [...ids.slice(0, maxTokens - 1), ids.at(-1) as number] : ids;
    const int64 = (numbers: readonly number[]) =>
      new ort.Tensor("int64", BigInt64Array.from(numbers, BigInt), [numbers.length]);
    const { pooled: output } = await session.run({ ids: int64(cut), positions: int64([...cut.keys()]) });
    const pooled = output?.data as Float32Array;
    const length = Math.hypot(...pooled);
    return pooled.map((value) => value / length);
  };
}

/** Weights by name, as the graph wants them. */
type Tensors = (name: string) => { shape: number[]; data: Float32Array };

/** Safetensors (https://huggingface.co/docs/safetensors): length of the header, header as JSON, data. */
function readTensors(file: Buffer): Tensors {
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString("utf8", 8, start));
  return (name) => {
    const { shape, data_offsets } = header[name];
    const [from, to] = data_offsets as [number, number];
    return { shape, data: new Float32Array(Uint8Array.from(file.subarray(start + from, start + to)).buffer) };
  };
}

/**
 * Inputs: `ids` int64 `[tokens]`, one text, framed; `positions` int64 `[tokens]`, 0, 1, 2 and so on. Output: `pooled`
 * float32 `[384]`.
 */
function encoderGraph(tensors: Tensors): Graph {
  const g = new Graph("minilm");
  const weight = (name: string) => {
    const { shape, data } = tensors(name);
    return g.weight(name, "float32", shape, data);
  };
  const linear = (name: string, x: Value) =>
    g.add(gemm, [x, weight(`${name}.weight`), weight(`${name}.bias`)], { transB: 1 });
  const norm = (name: string, x: Value) =>
    g.add(layerNorm, [x, weight(`${name}.weight`), weight(`${name}.bias`)], {
      axis: -1,
      epsilon: { float: normEpsilon },
    });
  // [tokens, width] -> [heads, tokens, headSize]
  const split = (x: Value) =>
    g.add(transpose, [g.add(reshape, [x, g.ints([-1, heads, headSize])])], { perm: [1, 0, 2] });

  const ids = g.input("ids", "int64", ["tokens"]);
  const positions = g.input("positions", "int64", ["tokens"]);
  const rows = (name: string, numbers: Value) =>
    g.add(gather, [weight(`embeddings.${name}.weight`), numbers], { axis: 0 });
  const placed = g.add(add, [rows("word_embeddings", ids), rows("position_embeddings", positions)]);
  // A single text is of type 0 throughout: the table's first row.
  let x = norm("embeddings.LayerNorm", g.add(add, [placed, rows("token_type_embeddings", g.ints([0]))]));
  for (let layer = 0; layer < layers; layer++) {
    const at = `encoder.layer.${layer}`;
    const [query, key, value] = ["query", "key", "value"].map((name) =>
      split(linear(`${at}.attention.self.${name}`, x)),
    ) as [Value, Value, Value];
    const scores = g.add(fusedMatMul, [query, key], { transB: 1, alpha: { float: headSize ** -0.5 } });
    const mixed = g.add(fusedMatMul, [g.add(softmax, [scores], { axis: -1 }), value], {});
    const joined = g.add(reshape, [g.add(transpose, [mixed], { perm: [1, 0, 2] }), g.ints([-1, width])]);
    x = norm(`${at}.attention.output.LayerNorm`, g.add(add, [x, linear(`${at}.attention.output.dense`, joined)]));
    const inner = g.add(gelu, [linear(`${at}.intermediate.dense`, x)]);
    x = norm(`${at}.output.LayerNorm`, g.add(add, [x, linear(`${at}.output.dense`, inner)]));
  }
  g.output("pooled", g.add(reduceMean, [x, g.ints([0])], { keepdims: 0 }));
  return g;
}

const sameAsInput = (inputs: readonly (ValueType | undefined)[]) => [inputs[0] as ValueType];
const layerNorm: Operator<{ axis: number; epsilon: { float: number } }> = {
  name: "LayerNormalization",
  domain: "",
  infer: sameAsInput,
};
/** The exact one, with erf. */
const gelu: Operator = { name: "Gelu", domain: "com.microsoft", infer: sameAsInput };
