import { compile, type Effort, efforts } from "@unplugin-paw/compiler";
import { borrowTrainer } from "@unplugin-paw/compiler/internals";
import { encodeModel, fusedMatMul, Graph } from "@unplugin-paw/graph";
import { onnxruntime, sharedEngine } from "@unplugin-paw/runtime/engine";
import type { Options } from "./options.ts";
import { mean, median, printTable, writeResults } from "./report.ts";
import { readSuite, taskSpec } from "./suite.ts";

/**
 * What a compile costs: seconds a spec and effort, the peak of memory, and how much of the machine's speed a training
 * step uses.
 */
export default async function compileBench({ suite, tasks, pairs = "32", effort }: Options): Promise<void> {
  if (!suite) throw new Error("compile needs --suite DIR, a folder with tasks/*.json");
  const chosen = effort === undefined ? (["draft", "standard"] as const) : (effort.split(",") as Effort[]);
  const unknown = chosen.find((one) => !efforts.includes(one));
  if (unknown !== undefined) throw new Error(`no effort ${unknown}; there are ${efforts.join(", ")}`);

  // Loading the model is not a spec's cost: one process loads it once.
  const start = performance.now();
  await sharedEngine();
  const load = (performance.now() - start) / 1000;
  const all = readSuite(suite, tasks?.split(",")).map((task) => ({
    ...task,
    train: task.train.slice(0, Number(pairs)),
  }));
  const rows: { task: string; effort: Effort; seconds: number }[] = [];
  for (const one of chosen) {
    for (const task of all) {
      const { seconds } = await compile(taskSpec(task), { cache: false, effort: one });
      rows.push({ task: task.name, effort: one, seconds });
      console.error(JSON.stringify({ ...rows.at(-1), peakMegabytes: peakMegabytes() }));
    }
  }
  const memory = peakMegabytes();
  const secondsOf = (effort: Effort, task?: string) =>
    rows.filter((row) => row.effort === effort && (!task || row.task === task)).map(({ seconds }) => seconds);
  printTable(
    ["task", ...chosen.map((one) => `${one} s`)],
    [
      ...all.map(({ name }) => [name, ...chosen.map((one) => mean(secondsOf(one, name)).toFixed(1))]),
      ["**median**", ...chosen.map((one) => median(secondsOf(one)).toFixed(1))],
      ["**longest**", ...chosen.map((one) => Math.max(...secondsOf(one)).toFixed(1))],
    ],
  );
  const speed = await stepSpeed();
  console.log(`\nLoading the model: ${load.toFixed(1)} s. Peak memory: ${memory} MB.`);
  console.log(
    `A training step: ${speed.step.toFixed(0)} GFLOP/s, a large matrix product: ${speed.peak.toFixed(0)} GFLOP/s; ${speed.share.toFixed(2)} of it.`,
  );
  writeResults("compile", { pairs: Number(pairs), rows, load, peakMegabytes: memory, speed });
  process.exit(0);
}

function peakMegabytes(): number {
  return Math.round(process.resourceUsage().maxRSS / 1000);
}

/** Tokens of a step: 16 examples of 20. */
const [examples, length, prefix] = [16, 20, 256];

/**
 * GFLOP/s of a training step (its products only) and of a product of two 2048 x 2048 matrices, in turn in one process.
 */
async function stepSpeed(): Promise<{ step: number; peak: number; share: number }> {
  const engine = await sharedEngine();
  const { layers, width, heads, kvHeads, headSize, feedForward } = engine.interpreter.config;
  const trainer = await borrowTrainer(engine, "columns");
  const numbers = (count: number) => Float32Array.from({ length: count }, () => Math.random() - 0.5);
  const shape = [layers, kvHeads, prefix, headSize];
  const size = shape.reduce((a, b) => a * b);
  const parameters = { keys: { shape, data: numbers(size) }, values: { shape, data: numbers(size) } };
  const batch = {
    columns: [1, 2],
    examples: Array.from({ length: examples }, (_, i) => ({
      ids: Array.from({ length }, (_, j) => 100 + i * length + j),
      answers: [{ place: length - 1, targets: [i % 2], weights: [1 / examples] }],
    })),
  };
  const product = await squareProduct(2048);
  const times: { step: number[]; product: number[] } = { step: [], product: [] };
  for (let i = 0; i < 7; i++) {
    times.step.push(await timed(() => trainer.step(batch, parameters)));
    for (let j = 0; j < 3; j++) times.product.push(await timed(product));
  }
  const tokens = examples * length;
  const weights =
    layers * (width * (heads + 2 * kvHeads) * headSize + width * heads * headSize + 3 * width * feedForward);
  // Each weight once forward and once back; scores and their use forward, and both sides of each back.
  const attention = layers * heads * headSize * (prefix + length) * 2;
  const step = (tokens * 2 * (2 * weights + 3 * attention)) / median(times.step) / 1e6;
  const peak = (2 * 2048 ** 3) / median(times.product) / 1e6;
  return { step, peak, share: step / peak };
}

async function squareProduct(size: number): Promise<() => Promise<unknown>> {
  const ort = await onnxruntime();
  const g = new Graph("product");
  const x = g.input("x", "float32", [size, size]);
  g.output("y", g.add(fusedMatMul, [x, x]));
  const session = await ort.InferenceSession.create(encodeModel(g).model);
  const data = Float32Array.from({ length: size * size }, Math.random);
  return () => session.run({ x: new ort.Tensor("float32", data, [size, size]) });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
