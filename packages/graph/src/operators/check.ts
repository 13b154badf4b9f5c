import { type ElementType, formatType, GraphError, type Shape, type ValueType } from "../value-type.ts";

/** The input at `index`; throws where it is missing or of a type that the operator does not take. */
export function need(
  inputs: readonly (ValueType | undefined)[],
  index: number,
  types?: readonly ElementType[],
): ValueType {
  const input = inputs[index];
  if (!input) throw new GraphError(`input ${index} is missing`);
  if (types && !types.includes(input.type))
    throw new GraphError(`input ${index} is ${formatType(input)}, not ${types.join(" or ")}`);
  return input;
}

/** The numbers of a constant input such as axes; throws where it is computed, since a shape rule has to read it. */
export function needNumbers(constants: readonly (Shape | undefined)[], index: number): readonly number[] {
  const numbers = constants[index];
  if (!numbers?.every((number) => typeof number === "number"))
    throw new GraphError(`input ${index} has to be a constant made by Graph.ints`);
  return numbers;
}

/** The sizes of a shape input; throws where they are neither constant nor named. */
export function needSizes(constants: readonly (Shape | undefined)[], index: number): Shape {
  const sizes = constants[index];
  if (!sizes) throw new GraphError(`input ${index} has to be a constant made by Graph.ints or Graph.sizes`);
  return sizes;
}

export const floats: readonly ElementType[] = ["float32", "float16"];
export const indices: readonly ElementType[] = ["int64", "int32"];
