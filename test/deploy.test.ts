import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import paw from "unplugin-paw/esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNamespace, hasNamespaces, type Namespace } from "./deploy-helpers/namespace.ts";
import { createProject, Offline } from "./pack-helpers/outside.ts";
import { packAll, workspace } from "./pack-helpers/tarballs.ts";

// What docs/deploy.md promises of a container: `dist`, production `node_modules` and the fetched interpreter, on a
// read-only disk, without a home folder, without a network, for a user whom the system does not know.

const bin = join(workspace, "packages/cli/bin/paw.js");
const USER = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"];
const PORT = "3000";

let folder: string;
let app: string;
let offline: string | undefined;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "paw-deploy-")));
  app = join(folder, "app");
  try {
    const tarballs = await packAll(join(folder, "tarballs"));
    const wanted = { type: "module", ours: ["@unplugin-paw/runtime"], others: ["onnxruntime-node"] } as const;
    await createProject("server", app, tarballs, { ...wanted, ours: [...wanted.ours], others: [...wanted.others] });
  } catch (error) {
    if (!(error instanceof Offline)) throw error;
    offline = "npm cannot have a public package: it is not in its cache, and no registry answers";
    console.warn(`NOT TESTED: what is deployed. ${offline}.\n${error.message}`);
    return;
  }
  await build({
    absWorkingDir: app,
    entryPoints: ["src/server.js"],
    outdir: "dist",
    ...{ bundle: true, platform: "node", format: "esm", logLevel: "silent" },
    plugins: [paw({ effort: "draft", types: false, cache: join(workspace, "node_modules/.cache/paw-deploy") })],
  });
  rmSync(join(app, "src"), { recursive: true });
  execFileSync("sh", ["-c", lineOfDocs("bin/napi-v6")], { cwd: app });
  execFileSync(process.execPath, [bin, "fetch", "--to", join(app, "paw")], { stdio: "pipe" });
  // (The user must get at Node and at the app, wherever they lie on this machine.)
  chmodSync(folder, 0o755);
  cpSync(process.execPath, join(folder, "node"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The line of the documentation's Dockerfile that has a text, without its `RUN`. */
function lineOfDocs(text: string): string {
  const docs = readFileSync(join(workspace, "docs/deploy.md"), "utf8");
  const line = docs.split("\n").find((line) => line.startsWith("RUN ") && line.includes(text));
  return (line as string).slice("RUN ".length);
}

/** Starts the server as a container would, and waits until it is ready. */
async function startServer(namespace: Namespace, env: NodeJS.ProcessEnv = {}) {
  const script = 'mount -o remount,bind,ro / && exec "$@"';
  const server = namespace.start(
    ["sh", "-c", script, "sh", ...USER, join(folder, "node"), join(app, "dist/server.js")],
    { PATH: process.env.PATH, PORT, ...env },
  );
  await server.printed("ready");
  return server;
}

function ask(namespace: Namespace, path: string, body?: string): string {
  const script = `fetch("http://127.0.0.1:${PORT}${path}", ${JSON.stringify(body === undefined ? {} : { method: "POST", body })})
    .then((response) => response.text()).then(console.log)`;
  return namespace.run(process.execPath, "-e", script).trim();
}

describe.skipIf(!hasNamespaces)("a container's layout", () => {
  test.for([
    ["finds the interpreter beside it", false],
    ["is told by PAW_HOME", true],
  ] as const)("answers: %s", async ([_, told], { skip }) => {
    skip(offline !== undefined, offline);
    const before = listing(app);
    const namespace = await createNamespace("container");
    try {
      await startServer(namespace, told ? { PAW_HOME: join(app, "paw") } : {});
      expect(ask(namespace, "/health")).toBe("ok");
      expect(ask(namespace, "/", "Thanks a lot, that was kind of you")).toBe('"polite"');
    } finally {
      namespace.remove();
    }
    expect(listing(app)).toEqual(before);
  });

  test("says what is missing, where, and how to get it", async ({ skip }) => {
    skip(offline !== undefined, offline);
    const namespace = await createNamespace("missing");
    const bare = join(folder, "bare");
    try {
      cpSync(app, bare, { recursive: true, filter: (path) => !path.startsWith(join(app, "paw")) });
      const started = (env: NodeJS.ProcessEnv) => {
        const server = namespace.start(
          [
            "sh",
            "-c",
            'mount -o remount,bind,ro / && exec "$@"',
            "sh",
            ...USER,
            join(folder, "node"),
            join(bare, "dist/server.js"),
          ],
          { PATH: process.env.PATH, ...env },
        );
        return server.printed("ready").catch((error: Error) => error.message);
      };
      const readOnly = await started({ PAW_HOME: join(bare, "paw") });
      expect(readOnly).toContain(`The interpreter paw-135m is missing in ${join(bare, "paw/interpreters/")}`);
      expect(readOnly).toContain("npx @unplugin-paw/cli fetch --to ");
      const homeless = await started({});
      expect(homeless).toContain("the user of this process has no home folder");
      expect(homeless).toContain("Set PAW_HOME");
    } finally {
      namespace.remove();
      rmSync(bare, { recursive: true, force: true });
    }
  });

  test("a process that runs a program looks no name up, and leaves nothing in a home folder", async ({ skip }) => {
    skip(offline !== undefined, offline);
    // How long to listen, onnxruntime says itself: left as it is, it asks for its vendor's host some seconds after a
    // session was made.
    const bare = await createNamespace("bare");
    const ours = await createNamespace("ours");
    const home = join(folder, "home");
    try {
      execFileSync("install", ["-d", "-o", "12345", "-g", "12345", home]);
      await startServer(ours, { HOME: home });
      expect(ask(ours, "/", "Thanks a lot, that was kind of you")).toBe('"polite"');
      const model = join(app, "paw/interpreters", readdirSync(join(app, "paw/interpreters"))[0] as string, "run.onnx");
      const script = `import("onnxruntime-node").then(async ({ default: ort }) => {
        globalThis.session = await ort.InferenceSession.create(${JSON.stringify(model)});
        setInterval(() => {}, 1000);
      })`;
      const control = bare.start(["sh", "-c", `cd ${app} && exec ${process.execPath} -e '${script}'`], {
        HOME: folder,
      });
      await expect.poll(bare.asked, { timeout: 120_000, interval: 250 }).not.toEqual([]);
      control.child.kill();
      expect(ours.asked()).toEqual([]);
      expect(readdirSync(home)).toEqual([]);
    } finally {
      bare.remove();
      ours.remove();
    }
  });
});

/** All files below a folder, with their sizes and times. */
function listing(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).sort().map((path) => {
    const { size, mtimeMs } = statSync(join(folder, path));
    return `${path} ${size} ${mtimeMs}`;
  });
}
