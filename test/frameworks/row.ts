/** What is tried of a framework: the columns of the table. */
export const columns = {
  dev: "development",
  build: "build",
  run: "production",
  client: "client",
  types: "types",
} as const;

export type Column = keyof typeof columns;

/**
 * A framework as users have it: a line of the table in docs/frameworks.md and a block of how to set it up there. Each
 * has a file `NAME.row.ts` beside the folder of its project. Commands are words apart by spaces, found in the project's
 * `node_modules/.bin`; `{port}` is a free one.
 */
export interface Row {
  /** First column of the table; rows stand in the order of their files' names. */
  name: string;
  /** Folder of the project beside this file; several rows may share one. */
  fixture: string;
  /** Folder beside this file, whose files are laid over the project's. */
  over?: string;
  /** Other versions than the project's package.json says. */
  versions?: Record<string, string>;
  /** Packages whose installed version the table names. */
  shows: string[];
  /**
   * The oldest major version of Node that runs this; the harness fetches one where the test itself runs on an older
   * one.
   */
  node?: 22 | 24;
  /** Where the project has its spec. */
  spec?: string;
  dev?: Server | Printer;
  /** Commands that build, in turn. */
  build?: string[];
  /** What is deployed and how it is started: run in another folder, while the project's is away. */
  run?: (Server | Printer) & Deployment;
  /** Commands that check the types. The project has an `@ts-expect-error` that only exact types satisfy. */
  types?: string[];
  /** Whether a page of the project's asks in the browser, too: `#ask` is clicked, and `#answer` gets the answer. */
  page?: boolean;
  /** Why a column is not tried. */
  dashes?: Partial<Record<Column, string>>;
  /**
   * The block of the documentation: files of the project that say how to set it up, and what is to be said besides.
   * Absent where another row has it.
   */
  setup?: { title: string; files: string[]; text?: string };
  env?: Record<string, string>;
}

/** A command that serves until it is killed. */
export interface Server {
  command: string;
  /**
   * Path, with the text behind it, that answers in JSON (`{ answer }`) or as a page, where the answer is in the element
   * with the id `server`.
   *
   * @default "/?text="
   */
  ask?: string;
}

/**
 * A command that prints a JSON object with `answer` on a line, and ends. The text is in the environment variable TEXT.
 */
export interface Printer {
  prints: string;
}

export interface Deployment {
  /**
   * Files and folders of the project that are deployed, beside package.json and the packages that are no
   * devDependencies.
   */
  files: string[];
  /** False where the output has all packages that it needs. */
  modules?: boolean;
}
