import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { chmod, readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { oracleFile } from "../../../test/oracle.ts";
import { findCard } from "./cards.ts";
import { type Fetched, fetchInterpreter, openInterpreter } from "./index.ts";
import { serve, temporaryFolder } from "./model-file.fixture.ts";

// The real interpreter, put into folders.

let gguf: string;
let to: string;
beforeAll(async () => {
  gguf = await oracleFile();
});
beforeEach(async () => {
  // A user without a store, so that only what a test puts in place is there.
  vi.stubEnv("PAW_HOME", await temporaryFolder());
  to = join(await temporaryFolder(), "app", "paw");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const listed = (folder: string) => (readdirSync(folder, { recursive: true }) as string[]).sort();
const folderOf = ({ home, id, digest }: Fetched) => join(home, "interpreters", `${id}-${digest.slice(0, 16)}`);
const files = ["interpreter.json", "run.data", "run.onnx", "tokenizer.json"];

test("comes from the user's store, byte for byte; the second time nothing is done", async () => {
  const own = await fetchInterpreter({ gguf });
  expect(own).toMatchObject({ home: process.env.PAW_HOME, written: true });
  const first = await fetchInterpreter({ to });
  expect(first).toMatchObject({ home: to, digest: own.digest, bytes: own.bytes, written: true });
  expect(listed(to)).toEqual([
    "interpreters",
    ...[".", ...files].map((name) => join(folderOf(first).slice(to.length + 1), name)),
  ]);
  for (const file of files) {
    const [expected, found] = [own, first].map((one) => readFileSync(join(folderOf(one), file)));
    expect(Buffer.compare(found as Buffer, expected as Buffer)).toBe(0);
  }
  expect(await fetchInterpreter({ to })).toEqual({ ...first, written: false });
  vi.stubEnv("PAW_HOME", to);
  expect((await openInterpreter()).model).toBe(join(folderOf(first), "run.onnx"));
});

test("is found in a folder `paw` beside the program, or above it", async () => {
  const { digest, home } = await fetchInterpreter({ to, gguf });
  const program = join(to, "../dist/server/assets/tone.weights");
  expect((await openInterpreter({ digest, program })).model.startsWith(home)).toBe(true);
});

test.each([
  ["a part of it", (folder: string) => truncateSync(join(folder, "run.data"), 1_000)],
  [
    "what killed runs left",
    (folder: string) => {
      mkdirSync(`${folder}.99.partial`);
      writeFileSync(join(`${folder}.99.partial`, "run.data"), "half");
      truncateSync(join(folder, "tokenizer.json"), 10);
    },
  ],
])("mends a folder that has %s", async (_, damage) => {
  await fetchInterpreter({ gguf });
  const first = await fetchInterpreter({ to });
  const before = listed(to);
  damage(folderOf(first));
  expect(await fetchInterpreter({ to })).toEqual(first);
  expect(listed(to)).toEqual(before);
  expect(await fetchInterpreter({ to })).toMatchObject({ written: false });
});

test("several at once write one", async () => {
  await fetchInterpreter({ gguf });
  await Promise.all([1, 2, 3].map(() => fetchInterpreter({ to })));
  expect(readdirSync(join(to, "interpreters"))).toHaveLength(1);
});

test("a fetch that was stopped goes on, in the folder itself", async () => {
  const { bytes } = findCard().file;
  const asked: (string | undefined)[] = [];
  const stop = new AbortController();
  const send = (response: ServerResponse, start: number) => {
    const range = `bytes ${start}-${bytes - 1}/${bytes}`;
    response.writeHead(start > 0 ? 206 : 200, { "content-length": bytes - start, "content-range": range });
    createReadStream(gguf, { start }).pipe(response);
  };
  const { source } = await serve((request, response) => {
    asked.push(request.headers.range);
    send(response, Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0));
  });
  const card = { ...findCard(), sources: [source] };
  const onProgress = (progress: object) => {
    if ("loaded" in progress && (progress.loaded as number) > bytes / 3) stop.abort(new Error("stopped"));
  };
  await expect(fetchInterpreter({ to, card, onProgress, signal: stop.signal })).rejects.toThrow("stopped");
  vi.stubEnv("PAW_HOME", to);
  // (No source: a half is no interpreter.)
  await expect(openInterpreter({ card: { ...card, sources: [] } })).rejects.toMatchObject({
    code: "MODEL_UNAVAILABLE",
  });
  vi.stubEnv("PAW_HOME", join(to, "../elsewhere"));
  await fetchInterpreter({ to, card });
  expect(asked).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d+-$/)]);
  expect(readdirSync(to)).toEqual(["interpreters"]);
  expect(existsSync(join(to, "../elsewhere"))).toBe(false);
  const own = JSON.parse(
    await readFile(
      join(to, "interpreters", readdirSync(join(to, "interpreters"))[0] as string, "interpreter.json"),
      "utf8",
    ),
  );
  expect(own.id).toBe(card.id);
});

test("a copy can be read by everybody, whatever the store's rights", async () => {
  const own = await fetchInterpreter({ gguf });
  for (const file of files) await chmod(join(folderOf(own), file), 0o400);
  const copy = await fetchInterpreter({ to });
  const modes = files.map((file) => statSync(join(folderOf(copy), file)).mode & 0o777);
  expect(modes).toEqual(files.map(() => 0o644));
});
