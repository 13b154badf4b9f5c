import { compile } from "@unplugin-paw/compiler";
import { sharedEngine } from "@unplugin-paw/runtime/internals";
import type { Column } from "./column.ts";
import { programAnswers } from "./program.ts";

/** The compiler's search for a pseudo-program. */
export const discrete: Column = {
  name: "discrete",
  title: "discrete stage",
  async answers(task, spec) {
    const { program, seconds } = await compile(spec, { cache: false });
    const validation = program.scores.stages.flatMap(({ name, validation }) =>
      validation === null ? [] : [[`${name}Validation`, validation]],
    );
    return {
      texts: await programAnswers(await sharedEngine(), program, task),
      numbers: { compileSeconds: seconds, prefixTokens: program.prefix.tokens, ...Object.fromEntries(validation) },
    };
  },
};
