/**
 * Types for imports of `.paw` files that have no declarations yet (a fresh clone, an editor without a build): any
 * input, any answer. Add "unplugin-paw/client" to `types` in tsconfig.json. The declarations in `.paw/types` are exact,
 * and win.
 */
declare module "*.paw" {
  import type { AnyPawFunction, ProgramMeta } from "@unplugin-paw/runtime";

  const run: AnyPawFunction;
  export default run;
  export const meta: ProgramMeta;
}
