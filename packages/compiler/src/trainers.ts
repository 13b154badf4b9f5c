import { type FloatWeights, readFloatWeights } from "@unplugin-paw/interpreter/model";
import { type LocalEngine, onnxruntime } from "@unplugin-paw/runtime/engine";
import { Trainer, type TrainingOptions } from "@unplugin-paw/trainer";

/** What is loaded for training: over a gigabyte, so it is given back when no compile is left. */
let loaded: { digest: string; weights: Promise<FloatWeights>; trainers: Map<string, Promise<Trainer>> } | undefined;

/**
 * The trainer of an interpreter, loaded by the first compile that needs it and kept for the next until {@link
 * releaseTrainers}.
 */
export async function borrowTrainer(engine: LocalEngine, choice: TrainingOptions["choice"]): Promise<Trainer> {
  const { interpreter } = engine;
  if (loaded?.digest !== interpreter.digest) {
    await releaseTrainers();
    loaded = { digest: interpreter.digest, weights: readFloatWeights(interpreter), trainers: new Map() };
  }
  const { trainers, weights } = loaded;
  const known = trainers.get(choice);
  if (known) return await known;
  // One at a time: each keeps the memory of its largest batch.
  for (const [other, trainer] of trainers) {
    trainers.delete(other);
    await (await trainer).release();
  }
  const ort = await onnxruntime();
  const trainer = weights.then((weights) => Trainer.open(ort, interpreter.config, weights, { choice }));
  trainers.set(choice, trainer);
  trainer.catch(() => trainers.delete(choice));
  return await trainer;
}

/** Gives the memory back. */
export async function releaseTrainers(): Promise<void> {
  const trainers = loaded?.trainers ?? new Map<string, Promise<Trainer>>();
  loaded = undefined;
  for (const trainer of trainers.values()) await (await trainer).release();
}
