import {
  type ElementType,
  elementCount,
  elementTypes,
  formatType,
  GraphError,
  type Shape,
  type ValueType,
} from "./value-type.ts";

export type AttributeValue = number | string | readonly number[] | { readonly float: number };
export type Attributes = { readonly [name: string]: AttributeValue | undefined };

/**
 * One ONNX operator: its name, the shape rule that checks a use of it, and (for the operators that training needs) its
 * gradient. Attributes that are numbers are written as ONNX integers; `{ float: 1e-5 }` as floats.
 */
export interface Operator<A extends Attributes = Attributes> {
  readonly name: string;
  /** `""` is ONNX itself; `"com.microsoft"` are onnxruntime's own (fused) operators. */
  readonly domain: "" | "com.microsoft";
  /**
   * Types of the outputs, given those of the inputs (`undefined` = an optional input left out).
   * `constants` has the numbers of inputs made by `Graph.ints` and the sizes of those made by `Graph.sizes`.
   * Throws `GraphError` where the inputs do not fit.
   */
  infer(
    inputs: readonly (ValueType | undefined)[],
    attributes: A,
    constants: readonly (Shape | undefined)[],
  ): ValueType[];
  /**
   * Outputs from this index on are optional: they are computed only where something reads them. Left out: all are
   * computed.
   */
  readonly optionalOutputs?: number;
  /**
   * The rule of reverse-mode differentiation: adds to `g` what gives the gradients of the inputs, from those of the
   * outputs (`undefined` = the loss does not depend on that output; at least one is there). `needed` says which inputs'
   * gradients are wanted; work for the others is wasted. Left out: the operator cannot stand between a wanted value and
   * the loss.
   */
  gradient?(
    g: Graph,
    node: Node<A>,
    outputGradients: readonly (Value | undefined)[],
    needed: readonly boolean[],
  ): (Value | undefined)[];
  /**
   * Makes the outputs from other nodes, for a composition whose own rule is better than those of its parts: its node is
   * there for differentiation and is not written to the model. `infer` still checks the inputs.
   */
  expand?(g: Graph, inputs: readonly (Value | undefined)[], attributes: A): Value[];
}

/** One edge of the graph: the output of a node, an input of the model, or a constant. */
export interface Value extends ValueType {
  readonly name: string;
  readonly graph: Graph;
}

/**
 * A tensor that is known when the graph is built. `data` is little-endian, row-major; a function is called when it is
 * written.
 */
export interface Constant {
  readonly value: Value;
  readonly shape: readonly number[];
  readonly data: Uint8Array | (() => Uint8Array);
  /** Weights go into the external data file; shapes, axes and other small numbers stay in the model. */
  readonly external: boolean;
}

export interface Node<A extends Attributes = Attributes> {
  readonly operator: Operator<A>;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: A;
}

/**
 * An ONNX graph under construction. Every node is checked by its operator's shape rule as it is added, so a mistake is
 * reported at the line that made it and not when the model is loaded.
 *
 * @example
 * const g = new Graph("scores");
 * const x = g.input("x", "float32", ["batch", 4]);
 * const w = g.weight("w", "float32", [4, 2], new Float32Array(8));
 * g.output("y", g.add(softmax, [g.add(matMul, [x, w])], { axis: -1 }));
 * const { model, data } = encodeModel(g, { dataFile: "scores.data" });
 */
export class Graph {
  readonly name: string;
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  readonly constants: Constant[] = [];
  readonly nodes: Node[] = [];
  private readonly names = new Set<string>();
  private readonly known = new Map<Value, Shape>();
  private readonly shared = new Map<string, Value>();

  constructor(name: string) {
    this.name = name;
  }

  /** An input of the model. Named sizes are bound when it runs. */
  input(name: string, type: ElementType, shape: Shape): Value {
    const value = this.value(name, { type, shape });
    this.inputs.push(value);
    return value;
  }

  /** A weight, written to the external data file in the order in which weights were added. */
  weight(name: string, type: ElementType, shape: readonly number[], data: ArrayBufferView | (() => Uint8Array)): Value {
    return this.constant(name, type, shape, typeof data === "function" ? data : bytesOf(data), true);
  }

  /** Small integers (a shape, axes, a split): one int64 tensor, shared by equal uses. Shape rules can read them. */
  ints(numbers: readonly number[]): Value {
    const name = `ints_${numbers.join("_").replaceAll("-", "m") || "none"}`;
    const known = this.shared.get(name);
    if (known) return known;
    const value = this.constant(name, "int64", [numbers.length], bytesOf(BigInt64Array.from(numbers, BigInt)), false);
    this.known.set(value, numbers);
    this.shared.set(name, value);
    return value;
  }

  /**
   * Sizes as an int64 tensor, named ones included, for operators that take a shape: `[batch, 9, "tokens", 64]`. A name
   * is looked up in the inputs of the model and then in `examples`; it stands for one size everywhere. Throws
   * `GraphError` where none of them has it.
   */
  sizes(shape: Shape, ...examples: readonly Value[]): Value {
    const numbers = shape.filter((size) => typeof size === "number");
    if (numbers.length === shape.length) return this.ints(numbers);
    const key = `sizes ${shape.join(", ")}`;
    const known = this.shared.get(key);
    if (known) return known;
    const parts = shape.map((size) => (typeof size === "number" ? this.ints([size]) : this.size(size, examples)));
    const value = parts.length === 1 ? (parts[0] as Value) : this.add(joinSizes, parts, { axis: 0 });
    this.known.set(value, shape);
    this.shared.set(key, value);
    return value;
  }

  private size(name: string, examples: readonly Value[]): Value {
    const key = `size ${name}`;
    const known = this.shared.get(key);
    if (known) return known;
    const example = [...this.inputs, ...examples].find(({ shape }) => shape.includes(name));
    if (!example) throw new GraphError(`no input of graph ${this.name} has a size named ${name}`);
    const axis = example.shape.indexOf(name);
    const value = this.add(shapeOf, [example], { start: axis, end: axis + 1 });
    this.shared.set(key, value);
    return value;
  }

  /** The numbers or sizes of a value that `ints` or `sizes` made; `undefined` for any other. */
  contents(value: Value): Shape | undefined {
    return this.known.get(value);
  }

  /** One float32 number, shared by equal uses. */
  scalar(number: number): Value {
    const name = `scalar_${String(number)
      .replaceAll("-", "m")
      .replaceAll(/[^0-9a-z]/g, "_")}`;
    const known = this.shared.get(name);
    if (known) return known;
    const value = this.constant(name, "float32", [], bytesOf(Float32Array.of(number)), false);
    this.shared.set(name, value);
    return value;
  }

  /** Adds a node and gives its first output. Throws `GraphError` where the inputs do not fit. */
  add<A extends Attributes>(operator: Operator<A>, inputs: readonly (Value | undefined)[], attributes?: A): Value {
    return this.addAll(operator, inputs, attributes)[0] as Value;
  }

  /** Adds a node and gives all its outputs. */
  addAll<A extends Attributes>(operator: Operator<A>, inputs: readonly (Value | undefined)[], attributes?: A): Value[] {
    for (const input of inputs) {
      if (input && input.graph !== this)
        throw new GraphError(`${operator.name}: ${input.name} belongs to another graph`);
    }
    const given = attributes ?? ({} as A);
    let types: ValueType[];
    try {
      types = operator.infer(
        inputs,
        given,
        inputs.map((input) => input && this.known.get(input)),
      );
    } catch (error) {
      const uses = inputs.map((input) => (input ? `${input.name}: ${formatType(input)}` : "(none)")).join(", ");
      throw new GraphError(`${operator.name}(${uses}): ${(error as Error).message}`);
    }
    let outputs: Value[];
    if (operator.expand) outputs = operator.expand(this, inputs, given);
    else {
      const base = `${operator.name}_${this.nodes.length}`;
      outputs = types.map((type, i) => this.value(i === 0 ? base : `${base}_${i}`, type));
    }
    this.nodes.push({ operator: operator as unknown as Operator, inputs, outputs, attributes: given });
    return outputs;
  }

  /** Makes a value an output of the model, under `name`. */
  output(name: string, value: Value): void {
    if (value.graph !== this) throw new GraphError(`output ${name}: ${value.name} belongs to another graph`);
    this.outputs.push(this.value(name, value));
    this.nodes.push({ operator: identity, inputs: [value], outputs: [this.outputs.at(-1) as Value], attributes: {} });
  }

  private value(name: string, { type, shape }: ValueType): Value {
    if (this.names.has(name)) throw new GraphError(`the name ${name} is taken in graph ${this.name}`);
    this.names.add(name);
    return { name, graph: this, type, shape };
  }

  private constant(
    name: string,
    type: ElementType,
    shape: readonly number[],
    data: Constant["data"],
    external: boolean,
  ): Value {
    const bytes = elementCount(shape) * elementTypes[type].bytes;
    if (typeof data !== "function" && data.length !== bytes) {
      throw new GraphError(`${name}: ${type}[${shape.join(", ")}] takes ${bytes} bytes, not ${data.length}`);
    }
    const value = this.value(name, { type, shape });
    this.constants.push({ value, shape, data, external });
    return value;
  }
}

const identity: Operator = { name: "Identity", domain: "", infer: ([x]) => [x as ValueType] };

/** The sizes `start .. end - 1` of a value as int64, known when the model runs. */
const shapeOf: Operator<{ start: number; end: number }> = {
  name: "Shape",
  domain: "",
  infer: (_inputs, { start, end }) => [{ type: "int64", shape: [end - start] }],
};

/** Sizes, one after the other. */
const joinSizes: Operator<{ axis: number }> = {
  name: "Concat",
  domain: "",
  infer: (inputs) => [{ type: "int64", shape: [inputs.length] }],
};

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
