import { Command, InvalidArgumentError, Option } from "commander";
import packageJson from "../package.json" with { type: "json" };
import type { PruneFlags } from "./commands/cache.ts";
import type { CompileFlags } from "./commands/compile.ts";
import type { DoctorFlags } from "./commands/doctor.ts";
import type { FetchFlags } from "./commands/fetch.ts";
import type { InitFlags } from "./commands/init.ts";
import type { InspectFlags } from "./commands/inspect.ts";
import type { MapFlags } from "./commands/map.ts";
import type { RunFlags } from "./commands/run.ts";
import type { TestFlags } from "./commands/test.ts";
import { CACHE, examples, withCompiler, withTeacher } from "./flags.ts";
import { addPairs } from "./pairs-cli.ts";
import { parseShard, type Shard } from "./shard.ts";

/**
 * The command line's grammar and help. Each command's code is loaded when it is called, so that `paw --help` is quick.
 *
 * @param signal fires on Ctrl-C
 * @param onExit gets the command's exit code
 */
export function createCli(signal: AbortSignal, onExit: (code: number) => void): Command {
  // First, because commands take these settings over when they are made.
  const cli = new Command("paw").exitOverride().showHelpAfterError("(--help shows what there is)");
  cli
    .description("Compiles plain-English function specs (.paw) to small programs (.weights), and runs them locally.")
    .version(packageJson.version)
    .addHelpText("after", EXIT_CODES);

  withTeacher(withCompiler(cli.command("compile")))
    .summary("compile specs to .weights files")
    .description(
      "Compiles specs to .weights files and prints their paths. A failed compile leaves an existing file as it is.",
    )
    .argument("[spec...]", SPECS)
    .option(
      "-o, --out <path>",
      "file for one spec; folder for several, if it exists or if it ends in / (default: beside each spec)",
    )
    .addOption(
      new Option("--cache-only", "write no .weights files, only the cache; prints the paths there").conflicts("out"),
    )
    .option("--shard <part>", "compile only this share of the specs, e.g. 2/5", shard)
    .addHelpText(
      "after",
      examples(
        "paw compile src/sentiment.paw",
        "paw compile src/*.paw -o build/",
        "paw compile --cache-only --cache programs",
        "paw compile --cache-only --shard 2/5",
        "paw compile src/sentiment.paw --teacher http://localhost:11434/v1#qwen3",
      ),
    )
    .action(async (files: string[], flags: CompileFlags) => {
      const { compileCommand } = await import("./commands/compile.ts");
      onExit(await compileCommand(files, flags, signal));
    });

  withCompiler(cli.command("run"))
    .summary("answer inputs with a spec or a program")
    .description(
      "Answers inputs with a .weights file, or with a .paw file, which is compiled first (or taken from the cache).\n" +
        "Without --input and --input-file, all of stdin is one input. An object input is JSON.",
    )
    .argument("<file>", "a .paw or a .weights file")
    .option("--input <text>", "one input")
    .addOption(
      new Option("--input-file <path>", 'JSON Lines: a string or an object with "input" a line').conflicts("input"),
    )
    .option("--json", 'print {"input","output"} a line, or {"input","error"} where an input of the file fails')
    .addHelpText(
      "after",
      examples(
        'paw run sentiment.paw --input "Loved every minute of it"',
        "paw run sentiment.weights --input-file reviews.jsonl --json",
        "paw run summary.paw < letter.txt",
      ),
    )
    .action(async (file: string, flags: RunFlags) => {
      const { runCommand } = await import("./commands/run.ts");
      onExit(await runCommand(file, flags, signal));
    });

  withCompiler(cli.command("map"))
    .summary("answer a large file of inputs")
    .description(
      'Answers every input of a file, a line of JSON each, in order: {"input","output"}, or {"input","error"}.\n' +
        "With --out a run that was killed goes on where it was. Without --in it is a filter, from stdin to stdout.",
    )
    .argument("<file>", "a .paw or a .weights file")
    .option("--in <path>", 'JSON Lines (a string or an object with "input" a line), .csv, .tsv or .parquet')
    .option("--out <path>", "where the lines go (default: stdout)")
    .option("--column <name>", "of a table: the input of a function that takes one text (default: input)")
    .option("--workers <number>", "threads with a model each (half a gigabyte), which share the cores", "1")
    .option("--shard <part>", "answer only this share of the lines, e.g. 2/5", shard)
    .addHelpText(
      "after",
      examples(
        "paw map route.paw --in mails.jsonl --out routed.jsonl --workers 2",
        "paw map route.weights --in mails.parquet --column body --out routed.jsonl",
        "paw map route.weights < mails.jsonl > routed.jsonl",
      ),
    )
    .action(async (file: string, flags: MapFlags) => {
      const { mapCommand } = await import("./commands/map.ts");
      onExit(await mapCommand(file, flags, signal));
    });

  withCompiler(cli.command("test"))
    .summary("run the tests of specs")
    .description(
      "Compiles specs and runs their tests. A spec passes when it reaches its `accuracy`, or else all tests.",
    )
    .argument("<spec...>", ".paw files")
    .option("--json", 'print {"file","passed","failed","accuracy","cases"} a line')
    .addHelpText("after", examples("paw test src/*.paw", "paw test src/sentiment.paw --json"))
    .action(async (files: string[], flags: TestFlags) => {
      const { testCommand } = await import("./commands/test.ts");
      onExit(await testCommand(files, flags, signal));
    });

  withCompiler(cli.command("doctor"))
    .summary("review specs: what keeps their programs from being better")
    .description(
      "Says what to do about a spec, most valuable first: labels that nothing explains or that the program mixes up, examples that are few,\n" +
        "alike or contradict each other, tests that are nearly examples. Needs no model; what the tests say, it takes from the cache.",
    )
    .argument("<spec...>", ".paw files")
    .option("--curve", "also compile from 8, 16, 32 and 64 of the examples: what would more of them bring?")
    .option("--json", 'print {"file","findings"} a line')
    .addHelpText("after", examples("paw doctor src/*.paw", "paw doctor src/route.paw --curve"))
    .action(async (files: string[], flags: DoctorFlags) => {
      const { doctorCommand } = await import("./commands/doctor.ts");
      onExit(await doctorCommand(files, flags, signal));
    });

  cli
    .command("inspect")
    .summary("show what is in a .weights file")
    .description("Shows what is in a .weights file: signature, interpreter, scores, pseudo-program. Needs no model.")
    .argument("<program>", "a .weights file")
    .option("--json", "print everything but the tensors as one JSON object")
    .addHelpText(
      "after",
      examples("paw inspect sentiment.weights", "paw inspect sentiment.weights --json | jq .scores"),
    )
    .action(async (file: string, flags: InspectFlags) => {
      const { inspectCommand } = await import("./commands/inspect.ts");
      onExit(await inspectCommand(file, flags));
    });

  cli
    .command("types")
    .summary("write the TypeScript declarations of specs")
    .description(
      "Writes declarations to .paw/types and prints what changed; nothing is compiled. TypeScript finds them with\n" +
        '"allowArbitraryExtensions": true and "rootDirs": [".", "./.paw/types"] in tsconfig.json. Without specs it\n' +
        "also removes the declarations of specs that are gone.",
    )
    .argument("[spec...]", SPECS)
    .option(
      "--beside",
      "write x.paw.d.ts beside x.paw, which needs no setting (moduleResolution nodenext does not find it)",
    )
    .addHelpText("after", examples("paw types && tsc"))
    .action(async (files: string[], flags: { beside?: boolean }) => {
      const { typesCommand } = await import("./commands/types.ts");
      onExit(await typesCommand(files, flags, signal));
    });

  cli
    .command("fetch")
    .summary("put the interpreter into a folder")
    .description(
      "Puts the interpreter (97 MB), converted and verified, into a folder, and prints the folder: what PAW_HOME is to be where\n" +
        "programs run. For images, Electron apps, machines without a network and read-only disks. A second time nothing is done.",
    )
    .option("--to <folder>", "the folder (default: $PAW_HOME, or the cache folder of this user)")
    .option("--gguf <path>", "a local GGUF file in place of the interpreter's own")
    .addHelpText("after", examples("paw fetch --to paw", "PAW_HOME=/app/paw node dist/server.js"))
    .action(async (flags: FetchFlags) => {
      const { fetchCommand } = await import("./commands/fetch.ts");
      onExit(await fetchCommand(flags, signal));
    });

  cli
    .command("init")
    .summary("put the plugin into a project")
    .description(
      "Adds the plugin to the configuration of the framework or bundler, and what it needs to tsconfig.json, package.json and .gitignore.\n" +
        "Shows the changes, asks, and writes all of them or none. A second time it finds nothing to do.",
    )
    .argument("[config]", "the configuration (default: the one in the current folder)")
    .option("-y, --yes", "write without asking: for scripts")
    .option("--example", "add a spec to begin with, where there is none")
    .addHelpText("after", examples("paw init", "paw init build/webpack.common.js", "paw init --yes --example"))
    .action(async (config: string | undefined, flags: InitFlags) => {
      const { initCommand } = await import("./commands/init.ts");
      onExit(await initCommand(config, flags, signal));
    });

  addPairs(cli, signal, onExit);

  const cache = cli.command("cache").summary("clean up the folder of compiled programs").helpCommand(false);
  cache
    .command("prune")
    .summary("remove the programs that no spec needs any more")
    .description(
      "Removes the programs that no spec under the current folder needs any more, and what killed compiles have left; prints the\n" +
        "paths. All efforts of a spec stay. Nothing else in the folder is touched.",
    )
    .option("--cache <folder>", CACHE)
    .option("--dry-run", "remove nothing; print what would be removed")
    .addHelpText("after", examples("paw cache prune --dry-run", "paw cache prune --cache programs"))
    .action(async (flags: PruneFlags) => {
      const { pruneCommand } = await import("./commands/cache.ts");
      onExit(await pruneCommand(flags));
    });

  return cli;
}

const SPECS = ".paw files (default: all under the current folder but node_modules, dist and .git)";

function shard(text: string): Shard {
  const parsed = parseShard(text);
  if (parsed) return parsed;
  throw new InvalidArgumentError("The first of five parts is 1/5, the last 5/5.");
}

const EXIT_CODES = `
Exit codes: 0 good; 1 a test, a compile or an input failed; 2 wrong usage. Data goes to stdout, all else to stderr.`;
