import type { AttributeValue, Constant, Graph, Node, Value } from "./graph.ts";
import { Message } from "./protobuf.ts";
import { type ElementType, elementCount, elementTypes, GraphError } from "./value-type.ts";

/**
 * Version 10 of the format is the newest that every supported onnxruntime reads; opset 21 has blocked DequantizeLinear.
 */
const irVersion = 10;
const opset = 21;
/** Weights start at multiples of this many bytes, so that onnxruntime can map the file instead of copying it. */
const alignment = 4096;

/**
 * An encoded model. `data` yields the external data file piece by piece, so that it never has to be in memory whole.
 */
export interface EncodedModel {
  model: Uint8Array;
  data: () => Generator<Uint8Array>;
  /** Length of the external data file, bytes. */
  dataBytes: number;
  /** Where each weight lies in that file, by its name. */
  places: Record<string, WeightPlace>;
}

/** A weight in the external data file: little-endian and row-major, `offset` bytes from the start. */
export interface WeightPlace {
  type: ElementType;
  shape: readonly number[];
  offset: number;
}

/**
 * Writes a graph as an ONNX model. Weights go into one external data file, named `dataFile` in the model; without
 * `dataFile` they are written into the model itself (protobuf allows 2 GB).
 *
 * @example
 * const { model, data } = encodeModel(g, { dataFile: "run.data" });
 * await writeFile("run.onnx", model);
 * await writeFile("run.data", data());
 */
export function encodeModel(graph: Graph, options: { dataFile?: string } = {}): EncodedModel {
  const { dataFile } = options;
  const external = dataFile === undefined ? [] : graph.constants.filter((constant) => constant.external);
  const places = new Map<Constant, { file: string; offset: number; length: number }>();
  let dataBytes = 0;
  for (const constant of external) {
    const offset = Math.ceil(dataBytes / alignment) * alignment;
    const length = elementCount(constant.shape) * elementTypes[constant.value.type].bytes;
    places.set(constant, { file: dataFile as string, offset, length });
    dataBytes = offset + length;
  }

  // GraphProto: 1 node, 2 name, 5 initializer, 11 input, 12 output
  const body = new Message();
  const read = new Set(graph.nodes.flatMap((node) => node.inputs));
  for (const node of graph.nodes) if (!node.operator.expand) body.bytes(1, nodeMessage(node, read));
  body.bytes(2, graph.name);
  for (const constant of graph.constants) body.bytes(5, tensorMessage(constant, places.get(constant)));
  for (const input of graph.inputs) body.bytes(11, valueMessage(input));
  for (const output of graph.outputs) body.bytes(12, valueMessage(output));

  // ModelProto: 1 ir_version, 2 producer_name, 7 graph, 8 opset_import { 1 domain, 2 version }
  const model = new Message()
    .int(1, irVersion)
    .bytes(2, "unplugin-paw")
    .bytes(7, body)
    .bytes(8, new Message().bytes(1, "").int(2, opset))
    .bytes(8, new Message().bytes(1, "com.microsoft").int(2, 1))
    .finish();

  function* data(): Generator<Uint8Array> {
    let written = 0;
    for (const constant of external) {
      const { offset, length } = places.get(constant) as { offset: number; length: number };
      if (offset > written) yield new Uint8Array(offset - written);
      const bytes = bytesOf(constant);
      if (bytes.length !== length)
        throw new GraphError(`${constant.value.name} gave ${bytes.length} bytes, not ${length}`);
      yield bytes;
      written = offset + length;
    }
  }
  const named = [...places].map(([{ value, shape }, { offset }]) => [value.name, { type: value.type, shape, offset }]);
  return { model, data, dataBytes, places: Object.fromEntries(named) };
}

function bytesOf(constant: Constant): Uint8Array {
  return typeof constant.data === "function" ? constant.data() : constant.data;
}

/**
 * NodeProto: 1 input, 2 output, 3 name, 4 op_type, 5 attribute, 7 domain. An optional input left out is an empty name.
 */
function nodeMessage(node: Node, read: ReadonlySet<Value | undefined>): Message {
  const message = new Message();
  let outputs = node.outputs.length;
  while (outputs > (node.operator.optionalOutputs ?? outputs) && !read.has(node.outputs[outputs - 1])) outputs--;
  for (const input of node.inputs) message.bytes(1, input?.name ?? "");
  for (const output of node.outputs.slice(0, outputs)) message.bytes(2, output.name);
  message.bytes(3, `/${node.outputs[0]?.name}`).bytes(4, node.operator.name);
  for (const [name, value] of Object.entries(node.attributes)) {
    if (value !== undefined) message.bytes(5, attributeMessage(name, value));
  }
  return message.bytes(7, node.operator.domain);
}

/** AttributeProto: 1 name, 2 f, 3 i, 4 s, 8 ints, 20 type (FLOAT 1, INT 2, STRING 3, INTS 7). */
function attributeMessage(name: string, value: AttributeValue): Message {
  const message = new Message().bytes(1, name);
  if (typeof value === "number") return message.int(3, value).int(20, 2);
  if (typeof value === "string") return message.bytes(4, value).int(20, 3);
  if ("float" in value) return message.float(2, value.float).int(20, 1);
  for (const number of value) message.int(8, number);
  return message.int(20, 7);
}

/**
 * TensorProto: 1 dims, 2 data_type, 8 name, 9 raw_data, 13 external_data { 1 key, 2 value }, 14 data_location (EXTERNAL
 * 1).
 */
function tensorMessage(
  constant: Constant,
  place: { file: string; offset: number; length: number } | undefined,
): Message {
  const message = new Message();
  for (const size of constant.shape) message.int(1, size);
  message.int(2, elementTypes[constant.value.type].code).bytes(8, constant.value.name);
  if (!place) return message.bytes(9, bytesOf(constant));
  const entries = { location: place.file, offset: place.offset, length: place.length };
  for (const [key, value] of Object.entries(entries))
    message.bytes(13, new Message().bytes(1, key).bytes(2, String(value)));
  return message.int(14, 1);
}

/**
 * ValueInfoProto: 1 name, 2 type { 1 tensor_type { 1 elem_type, 2 shape { 1 dim { 1 dim_value | 2 dim_param } } } }.
 */
function valueMessage(value: Value): Message {
  const shape = new Message();
  for (const size of value.shape) {
    shape.bytes(1, typeof size === "number" ? new Message().int(1, size) : new Message().bytes(2, size));
  }
  const tensor = new Message().int(1, elementTypes[value.type].code).bytes(2, shape);
  return new Message().bytes(1, value.name).bytes(2, new Message().bytes(1, tensor));
}
