import { type Random, shuffle } from "./random.ts";

/** Which examples a program may show and be trained on, and which it is measured on. */
export interface Fold {
  shown: ReadonlySet<number>;
  measured: readonly number[];
}

/** More would cost time and add little: the choice is among candidates that differ by more than this can tell apart. */
const maxMeasured = 24;

/** From so many examples on one split is enough, and a program is made of them more than of its instructions. */
export const many = 24;

/**
 * Splits examples so that no choice is ever measured on what a program is made from. From 24 examples on, a quarter is
 * measured; below, cross-validation in three parts (or as many as there are examples), in which each example is
 * measured while it is hidden. Classes are spread evenly. Fewer than two examples leave nothing to measure: no folds.
 *
 * @param classes of each example; examples of one class should be spread over both sides
 * @param everyOne whether each example must be measured, however many there are
 */
export function splitExamples(classes: readonly string[], random: Random, everyOne = false): Fold[] {
  const count = classes.length;
  if (count < 2) return [];
  const single = count >= many && !everyOne;
  const parts = single ? 4 : Math.min(3, count);
  const groups = new Map<string, number[]>();
  for (const i of shuffle([...classes.keys()], random)) {
    const name = classes[i] as string;
    groups.set(name, [...(groups.get(name) ?? []), i]);
  }
  // Class after class, dealt out in turn.
  const partOf = new Map([...groups.values()].flat().map((example, place) => [example, place % parts]));
  const folds = Array.from({ length: single ? 1 : parts }, (_, part) => ({
    shown: new Set([...partOf].filter(([, other]) => other !== part).map(([example]) => example)),
    measured: [...partOf].filter(([, other]) => other === part).map(([example]) => example),
  }));
  return folds.map(({ shown, measured }) => ({ shown, measured: measured.slice(0, maxMeasured) }));
}
