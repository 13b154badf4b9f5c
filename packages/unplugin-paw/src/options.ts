import { resolve } from "node:path";
import { type CompileOptions, defaultCache, type Effort, efforts } from "@unplugin-paw/compiler";
import { BESIDE, defaultTypes } from "@unplugin-paw/spec/sidecar";

/** Options of the plugin. Paths are relative to the project's root: Vite's `root`, with Rollup the working folder. */
export interface Options {
  /**
   * Specs may read data files (`from:`) that lie outside of the project: outside of its root, or of the nearest
   * package.json's folder for a spec that lies outside itself. No message shows their lines.
   *
   * @default false: such a `from:` is an error
   */
  allowOutside?: boolean;
  /**
   * Folder of compiled programs, shared by all builds that run here; false compiles every time. A folder of the
   * repository, such as `"programs"`, may be committed.
   *
   * @default "node_modules/.cache/unplugin-paw" of the nearest package
   */
  cache?: string | false;
  /**
   * How much the compile of a spec may cost, on two cores: `"draft"` some seconds (a prompt, nothing is trained),
   * `"standard"` about a minute, `"thorough"` some minutes. A program that is in the cache costs nothing; each effort
   * has its own.
   *
   * @default "standard"
   */
  effort?: Effort;
  /**
   * Takes every program from `cache`, or fails the build, which says what has changed: nothing is compiled, fetched or
   * written. Like a package manager's frozen lockfile, for builds that deploy: `frozen: Boolean(process.env.CI)`.
   *
   * @default false
   */
  frozen?: boolean;
  /**
   * A GGUF file of your own in place of the interpreter's file.
   *
   * @default the file is fetched once per user
   */
  gguf?: string;
  /**
   * Whether a build for Node has programs in its code, about 2 MB each, not as files beside it. Only so are they found
   * where the output is bundled again or taken apart. (Browsers always fetch files.)
   *
   * @default true where Vite builds for a framework, else false
   */
  inline?: boolean;
  /** Where the interpreter (about 100 MB) is when programs run. */
  interpreter?: InterpreterOptions;
  /**
   * A cache that machines share, asked where `cache` has no program, and given what is compiled: `"redis://host"`,
   * `"https://host/path"`, the path of a folder, or any storage that `createStorage` of unstorage makes; false = none.
   * One that fails is a warning. Logins belong into the environment variable.
   *
   * @default the environment variable `PAW_REMOTE`
   */
  remote?: CompileOptions["remote"];
  /**
   * The project's root: what paths are relative to, and what type declarations are written for.
   *
   * @default the bundler's root
   */
  root?: string;
  /**
   * A large language model that writes the examples that a spec lacks, once, into a record beside it
   * (`x.paw.pairs.jsonl`), to be reviewed and committed: a model of the AI SDK such as `openai("gpt-5-mini")`, `{ url,
   * model }` of any server that speaks OpenAI's protocol, or
   * `{ gguf }`, a chat model's file that runs here. It takes `@unplugin-paw/teacher`. Builds that find a record call nobody; so does
   * development.
   *
   * @default no teacher
   */
  teacher?: Teacher;
  /** How much the teacher writes, and what it may cost. */
  teaching?: Teaching;
  /**
   * Folder of the type declarations, for `rootDirs` in tsconfig.json; `"beside"` writes `x.paw.d.ts` beside `x.paw`,
   * which needs no setting (but not `moduleResolution: "nodenext"`); false writes none.
   *
   * @default ".paw/types"
   */
  types?: string | false;
}

/** (As `@unplugin-paw/teacher` has it, which need not be there.) */
export type Teacher =
  | { specificationVersion: string; modelId: string; doGenerate: unknown }
  | { url: string; model: string; keyVariable?: string }
  | { gguf: string };

export interface Teaching {
  /**
   * Pairs that a spec should have, its own examples included.
   *
   * @default 64
   */
  pairs?: number;
  /** Caps for each spec: requests (200), tokens (300,000), and money, where there is a price. */
  limits?: { calls?: number; tokens?: number; cost?: number };
  /** Of a million tokens. */
  price?: { input: number; output: number };
}

export interface InterpreterOptions {
  /**
   * For browsers. The interpreter's files are assets of a client build, unless `url` says that they lie below a URL
   * already: on a CDN that allows this site to read them (CORS). What to put there, a build says.
   *
   * @default the files are emitted
   */
  url?: string;
  /**
   * For Node: puts the interpreter beside what a build for a server writes, into its folder `paw`, where the runtime
   * finds it. Such an output and `node_modules` are all that a deployment needs. For an output that somebody else moves
   * on (SvelteKit's adapters), `paw fetch --to FOLDER/paw` does the same afterwards.
   *
   * @default false: a server fetches the interpreter, once per user, or finds it in `PAW_HOME`
   */
  bundle?: boolean;
}

export interface ResolvedOptions {
  root: string;
  allowOutside: boolean;
  cache: string | false;
  effort: Effort;
  frozen: boolean;
  gguf?: string;
  inline?: boolean;
  bundle: boolean;
  interpreterUrl?: string;
  remote?: CompileOptions["remote"];
  teacher?: Teacher;
  teaching: Teaching;
  types: string | false;
}

/**
 * Refuses what a configuration in JavaScript may say, where no types stop it.
 *
 * @throws {Error} there is no such effort; the interpreter's URL is none, or `bundle` neither true nor false
 */
export function checkOptions({ effort, interpreter }: Options): void {
  if (effort !== undefined && !efforts.includes(effort)) {
    throw new Error(`unplugin-paw: there is no effort "${effort}"; it is one of ${efforts.join(", ")}.`);
  }
  if (interpreter?.bundle !== undefined && typeof interpreter.bundle !== "boolean") {
    throw new Error(
      `unplugin-paw: interpreter.bundle is ${JSON.stringify(interpreter.bundle)}; it must be true or false.`,
    );
  }
  if (interpreter?.url !== undefined && !URL.canParse(interpreter.url, "https://site.example")) {
    throw new Error(
      `unplugin-paw: interpreter.url is ${JSON.stringify(interpreter.url)}; it must be a URL, such as "https://cdn.example/paw/".`,
    );
  }
}

/** Fills in the defaults and makes the paths absolute. */
export function resolveOptions(options: Options, bundlerRoot: string): ResolvedOptions {
  const root = resolve(bundlerRoot, options.root ?? ".");
  const {
    cache = defaultCache(root),
    effort = "standard",
    frozen = false,
    gguf,
    inline,
    interpreter,
    remote,
    teacher,
    teaching = {},
  } = options;
  const { types = defaultTypes, allowOutside = false } = options;
  return {
    root,
    allowOutside,
    cache: cache && resolve(root, cache),
    effort,
    frozen,
    types: types && types !== BESIDE ? resolve(root, types) : types,
    bundle: interpreter?.bundle === true,
    teaching,
    ...(teacher !== undefined && {
      teacher: typeof teacher === "object" && "gguf" in teacher ? { gguf: resolve(root, teacher.gguf) } : teacher,
    }),
    ...(gguf !== undefined && { gguf: resolve(root, gguf) }),
    ...(inline !== undefined && { inline }),
    ...(interpreter?.url !== undefined && { interpreterUrl: interpreter.url }),
    ...(remote !== undefined && { remote: isPath(remote) ? resolve(root, remote) : remote }),
  };
}

function isPath(remote: CompileOptions["remote"]): remote is string {
  return typeof remote === "string" && remote !== "" && !URL.canParse(remote);
}

/** What of it concerns a compile. */
export function compileOptions({
  cache,
  effort,
  frozen,
  gguf,
  remote,
}: ResolvedOptions): Pick<CompileOptions, "gguf" | "remote"> & Pick<ResolvedOptions, "cache" | "effort" | "frozen"> {
  return { cache, effort, frozen, ...(gguf !== undefined && { gguf }), ...(remote !== undefined && { remote }) };
}
