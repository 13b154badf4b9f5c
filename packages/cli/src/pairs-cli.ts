import type { Command } from "commander";
import type { CompilerFlags } from "./compiler.ts";
import { examples, withCompiler, withTeacher } from "./flags.ts";
import type { TeacherFlags } from "./teacher.ts";

/** `paw pairs`: what a teacher wrote, and what people make of it. */
export function addPairs(cli: Command, signal: AbortSignal, onExit: (code: number) => void): void {
  const pairs = cli
    .command("pairs")
    .summary("review and mend the pairs that a teacher wrote")
    .description(
      "A teacher is a large language model that writes the examples that a spec lacks, once, into x.paw.pairs.jsonl beside x.paw.\n" +
        "A line that a person wrote or edited is never asked for again.",
    )
    .helpCommand(false);
  const load = () => import("./commands/pairs.ts");
  const SPEC = "a .paw file";
  pairs
    .command("list")
    .summary("list them, with line numbers and authors")
    .argument("<spec>", SPEC)
    .option("--json", 'print {"line","by","input","output"} a line')
    .action(async (file: string, flags: { json?: boolean }) => onExit(await (await load()).listPairs(file, flags)));
  pairs
    .command("add")
    .summary("add one by hand")
    .argument("<spec>", SPEC)
    .requiredOption("--input <text>", "the input; an object as JSON")
    .requiredOption("--output <text>", "the output, as after =>")
    .addHelpText("after", examples('paw pairs add tone.paw --input "Whatever." --output rude'))
    .action(async (file: string, flags: { input: string; output: string }) =>
      onExit(await (await load()).addPair(file, flags)),
    );
  pairs
    .command("drop")
    .summary("remove lines by their numbers")
    .argument("<spec>", SPEC)
    .argument("<line...>", "numbers as paw pairs list has them")
    .action(async (file: string, numbers: string[]) => onExit(await (await load()).dropPairs(file, numbers)));
  pairs
    .command("keep")
    .summary("say that pairs asked for with other instructions are still right")
    .argument("<spec>", SPEC)
    .action(async (file: string) => onExit(await (await load()).keepPairs(file)));
  withTeacher(pairs.command("label"))
    .summary("have the teacher answer real inputs")
    .argument("<spec>", SPEC)
    .argument("<inputs>", "a text file with an input a line, or .jsonl")
    .action(async (file: string, inputs: string, flags: TeacherFlags) =>
      onExit(await (await load()).labelInputs(file, inputs, flags, signal)),
    );
  withTeacher(pairs.command("regenerate"))
    .summary("have the teacher write what is missing or no longer fits")
    .argument("<spec>", SPEC)
    .option("--all", "ask for all of its pairs again; those of people stay")
    .action(async (file: string, flags: TeacherFlags & { all?: boolean }) =>
      onExit(await (await load()).regeneratePairs(file, flags, signal)),
    );
  withCompiler(withTeacher(pairs.command("sharpen")))
    .summary("have the teacher answer new inputs that the program is least sure of")
    .argument("<spec>", SPEC)
    .option("--count <number>", "how many pairs", "16")
    .action(async (file: string, flags: TeacherFlags & CompilerFlags & { count?: string }) =>
      onExit(await (await load()).sharpenPairs(file, flags, signal)),
    );
}
