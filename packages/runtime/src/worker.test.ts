import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { pawHome } from "@unplugin-paw/interpreter";
import { type Contract, encodeProgram, type Program, ProgramError, programMeta } from "@unplugin-paw/program";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sharedEngine } from "./engine.ts";
import { type AnyPawFunction, dispose, loadProgram, type PawClassifier, type PawFunction, program } from "./index.ts";

const root = mkdtempSync(join(tmpdir(), "paw-worker-"));
const file = join(root, "mood.weights");
const labels = ["positive", "negative"];
const mood: Contract = { input: { kind: "string" }, output: { kind: "labels", labels } };
const capitals: Contract = { input: { kind: "string" }, output: { kind: "string" } };
let bytes: { mood: Uint8Array; capital: Uint8Array };

beforeAll(async () => {
  const { interpreter, session } = await sharedEngine();
  const { tokenizer, chat, id, digest } = interpreter;
  async function make(name: string, contract: Contract, instructions: string, pairs: string[][]): Promise<Uint8Array> {
    const turns = pairs.map(
      ([input, output]) => `${chat.user}${input}${chat.end}${chat.assistant}${output}${chat.end}`,
    );
    const text = `${chat.system}${instructions}${chat.end}${turns.join("")}${chat.user}`;
    const ids = tokenizer.encodeTemplate(text);
    // The small model likes the first label; a compiler would find this out.
    const bias = contract.output.kind === "labels" && { bias: [-1, 1] };
    const made: Program = {
      ...{ name, contract, interpreter: { id, digest }, prefix: await session.prefill(ids), pseudoProgram: "" },
      ...{ spec: { digest: "0" }, compiler: { version: "0", effort: "test", seed: 0 }, licence: "Apache-2.0" },
      ...{ calibration: { temperature: 1, ...bias }, answerTokens: 60, scores: { stages: [], tests: null } },
    };
    return encodeProgram(made);
  }
  bytes = {
    mood: await make("mood", mood, "Is the review positive or negative?", [
      ["Loved it, works perfectly", "positive"],
      ["Broke after a day, waste of money", "negative"],
      ["The best thing I have bought this year", "positive"],
      ["Never again, it smells awful", "negative"],
    ]),
    capital: await make("capital", capitals, "Name the capital.", [
      ["France", "Paris"],
      ["Japan", "Tokyo"],
      ["Italy", "Rome"],
    ]),
  };
  writeFileSync(file, bytes.mood);
});
afterEach(() => dispose());
afterAll(() => rmSync(root, { recursive: true, force: true }));

const moodOf = () => loadProgram<PawClassifier<string, string>>(bytes.mood);
const capitalOf = () => loadProgram<PawFunction<string, string>>(bytes.capital);
const review = "Broke at once, a waste of money";
/** About 1,200 tokens. */
const long = "It came in a box with a cable and a booklet. ".repeat(100);

it.skipIf(process.platform !== "linux")("computes in threads that go after the one that calls", async () => {
  const answer = await moodOf();
  await answer(review);
  const tasks = "/proc/self/task";
  const niceOf = (task: string) => {
    const stat = readFileSync(join(tasks, task, "stat"), "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
  };
  const own = niceOf(String(process.pid));
  const nice = readdirSync(tasks).map(niceOf);
  expect(nice).toContain(Math.max(own, 5));
});

describe("a call", () => {
  it("leaves the event loop to the caller", async () => {
    const classify = await moodOf();
    let turns = 0;
    const turn = setInterval(() => turns++, 1);
    await classify(long);
    clearInterval(turn);
    expect(turns).toBeGreaterThan(50);
  });

  it("is not held up by a long input, which is answered nevertheless", async () => {
    const [classify, capital] = [await moodOf(), await capitalOf()];
    const order: string[] = [];
    const noted = async (name: string, call: Promise<unknown>) => {
      await call;
      order.push(name);
    };
    await Promise.all([
      noted("long", classify(long)),
      noted("label", classify(review)),
      noted("text", capital("Spain")),
    ]);
    expect(order.at(-1)).toBe("long");
  });

  it("is as good among many of two programs as alone, in one worker and in two", async () => {
    const [classify, capital] = [await moodOf(), await capitalOf()];
    const reviews = ["Great value, very happy", review, "Terrible, a waste of money", "A wonderful, lovely thing"];
    const countries = ["Germany", "Spain", "Egypt"];
    const alone: unknown[] = [];
    for (const text of reviews) alone.push((await classify.classify(text)).probabilities.positive);
    const cities: string[] = [];
    for (const country of countries) cities.push(await capital(country));
    expect(cities.slice(0, 2)).toEqual(["Berlin", "Madrid"]);
    for (const workers of [1, 2]) {
      await classify.load({ workers });
      const calls = Array.from({ length: 24 }, async (_, i) => {
        const { probabilities } = await classify.classify(reviews[i % reviews.length] as string);
        expect(probabilities.positive).toBeCloseTo(alone[i % reviews.length] as number, 4);
        expect(await capital(countries[i % countries.length] as string)).toBe(cities[i % countries.length]);
      });
      await Promise.all([...calls, classify.batch(reviews)]);
    }
    await classify.load({ workers: 1 });
  });

  it("can be cancelled in the middle of a long input, and leaves no trace", async () => {
    const classify = await moodOf();
    const abort = new AbortController();
    const order: string[] = [];
    const cancelled = classify(long, { signal: abort.signal });
    const second = classify(long).then(() => order.push("second"));
    setTimeout(() => abort.abort(new Error("enough")), 100);
    await expect(cancelled).rejects.toThrow("enough");
    order.push("cancelled");
    expect(await classify(review)).toBe("negative");
    order.push("short");
    await second;
    expect(order).toEqual(["cancelled", "short", "second"]);
  });

  it("does not fail because another, which came first, was cancelled", async () => {
    const meta = programMeta({ ...(await moodOf()).meta, scores: { stages: [], tests: null } } as never);
    await dispose();
    const classify = program(bytes.mood, meta);
    const abort = new AbortController();
    const first = classify(review, { signal: abort.signal });
    const loading = classify.load({ signal: abort.signal });
    const second = classify(review);
    abort.abort(new Error("I have gone"));
    await expect(first).rejects.toThrow("I have gone");
    await expect(loading).rejects.toThrow("I have gone");
    expect(await second).toBe("negative");
  });

  it("takes objects with methods, and says of others that they cannot be read", async () => {
    const classify = (await moodOf()) as unknown as PawFunction<unknown, string>;
    await expect(classify(() => review)).rejects.toMatchObject({ name: "InputError", code: "type" });
    expect(await classify(review)).toBe("negative");
  });
});

describe("dispose", () => {
  it("rejects what runs, and the next call starts anew", async () => {
    const classify = await moodOf();
    for (const delay of [0, 30]) {
      const running = classify(long).catch((error: unknown) => error);
      await new Promise((resolve) => setTimeout(resolve, delay));
      const end = dispose();
      expect(await running).toMatchObject({ name: "PawError", code: "DISPOSED" });
      await end;
      expect(await classify(review)).toBe("negative");
    }
  });
});

describe("the program's file", () => {
  it("is a function in one call, from a path, a URL or bytes", async () => {
    for (const weights of [file, pathToFileURL(file), bytes.mood]) {
      const stages: string[] = [];
      const classify = await loadProgram<PawClassifier<string, "positive" | "negative">>(weights, {
        onProgress: ({ stage }) => stages.push(stage),
      });
      expect(classify.meta).toMatchObject({ name: "mood", contract: mood, tests: null });
      const label: "positive" | "negative" = await classify(review);
      expect(label).toBe("negative");
    }
  });

  it("is refused where it is none, with what to do", async () => {
    await expect(loadProgram(join(root, "none.weights"))).rejects.toMatchObject({ code: "NO_PROGRAM" });
    await expect(loadProgram(bytes.mood.subarray(0, 5_000))).rejects.toBeInstanceOf(ProgramError);
    const altered = bytes.mood.slice();
    altered[altered.length - 9] = (altered.at(-9) as number) ^ 1;
    await expect(loadProgram(altered)).rejects.toMatchObject({ name: "ProgramError", code: "checksum" });
    await expect(loadProgram(file, { workers: 0 })).rejects.toBeInstanceOf(RangeError);
  });

  it("may be named by a function, which the first call calls; what it throws is that call's error", async () => {
    const { meta } = await moodOf();
    let asked = 0;
    const named = program(() => {
      asked++;
      return pathToFileURL(file);
    }, meta) as AnyPawFunction;
    expect(asked).toBe(0);
    expect([await named(review), await named(review), asked]).toEqual(["negative", "negative", 1]);
    // What a bundler leaves of `new URL(import.meta.ROLLUP_FILE_URL_x)` that it does not know.
    const broken = program(() => new URL(undefined as unknown as string), meta);
    const error = await broken(review).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "NO_PROGRAM", cause: expect.any(TypeError) });
  });
});

describe("a process that runs a program", () => {
  it("ends by itself when it is answered, and leaves nothing of onnxruntime's behind", () => {
    const home = join(root, "home");
    const dist = new URL("../dist/index.js", import.meta.url).href;
    const script = `import { loadProgram } from ${JSON.stringify(dist)};
      const mood = await loadProgram(${JSON.stringify(file)});
      console.log(await mood(${JSON.stringify(review)}));`;
    const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, ...rest } = process.env;
    const env = { ...rest, PAW_HOME: pawHome(), HOME: home, USERPROFILE: home };
    // A loader of the app's is none of the worker's business.
    const loader = ["--import", "data:text/javascript,globalThis.app=1"];
    const { stdout, stderr, status } = spawnSync(process.execPath, [...loader, "--input-type=module", "-e", script], {
      env,
      encoding: "utf8",
    });
    expect({ stdout, stderr, status }).toEqual({ stdout: "negative\n", stderr: "", status: 0 });
    const left = (folder: string): string[] => {
      try {
        return readdirSync(folder, { recursive: true }) as string[];
      } catch {
        return [];
      }
    };
    expect(left(home)).toEqual([]);
  });

  // (onnxruntime ties threads to cores, also to those that a process was kept from.)
  it.runIf(process.platform === "linux")("stays on the core that it was given", () => {
    const core = /Cpus_allowed_list:\s*(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] as string;
    const dist = new URL("../dist/index.js", import.meta.url).href;
    const script = `import { readdirSync, readFileSync } from "node:fs";
      import { loadProgram } from ${JSON.stringify(dist)};
      const mood = await loadProgram(${JSON.stringify(file)});
      await mood(${JSON.stringify(review)});
      const cores = readdirSync("/proc/self/task").map((thread) =>
        /Cpus_allowed_list:\\s*(.*)/.exec(readFileSync("/proc/self/task/" + thread + "/status", "utf8"))[1]);
      console.log([...new Set(cores)].join());`;
    const { stdout, stderr } = spawnSync(
      "taskset",
      ["-c", core, process.execPath, "--input-type=module", "-e", script],
      { encoding: "utf8" },
    );
    expect({ stdout, stderr }).toEqual({ stdout: `${core}\n`, stderr: "" });
  });

  // onnxruntime-node aborts the process where its thread is ended while it computes.
  it.each([0, 20, 80, 200])("can end at any time, such as %i ms after a call", (delay) => {
    const dist = new URL("../dist/index.js", import.meta.url).href;
    const script = `import { loadProgram } from ${JSON.stringify(dist)};
      const mood = await loadProgram(${JSON.stringify(file)}, { workers: 2 });
      void mood(${JSON.stringify(long)});
      void mood(${JSON.stringify(review)});
      setTimeout(() => process.exit(7), ${delay});`;
    const { stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect({ stderr, status }).toEqual({ stderr: "", status: 7 });
  });
});
