import type { Spec } from "@unplugin-paw/spec";
import type { Build } from "../build.ts";
import type { LoadContext } from "../hosts/host.ts";
import { askingLine, taughtLine } from "../log.ts";
import { compileReport, fail, hinted, shown } from "../reports.ts";
import { readSource } from "../spec-source.ts";

/**
 * Has the teacher write the pairs that a spec lacks, and reads the spec again with them.
 *
 * @throws {LoadError} the teacher cannot go on; the pairs are missing, and `frozen` forbids to ask
 */
export async function taughtSpec(build: Build, context: LoadContext, spec: Spec): Promise<Spec> {
  const { host, options } = build;
  const { teacher, teaching, frozen } = options;
  if (!teacher) return spec;
  const { lacksPairs, recordPath } = await import("@unplugin-paw/spec/record");
  if (!lacksPairs(spec, teaching.pairs)) return spec;
  if (frozen) {
    const what = spec.record ? "were asked for with other instructions or types" : "are missing";
    const message = `${shown(spec.id)}: the pairs that its teacher writes (${shown(recordPath(spec.id))}) ${what}.`;
    const hint = `This build is frozen, so nobody is asked. Run \`paw pairs regenerate ${shown(spec.id)}\` and commit the file.`;
    fail(hinted(message, hint, spec.id));
  }
  const { teach, describeUsage } = await import("@unplugin-paw/teacher").catch(() => {
    const message = `${shown(spec.id)}: a teacher takes the package @unplugin-paw/teacher, which is not here.`;
    return fail(hinted(message, "npm install --save-dev @unplugin-paw/teacher", spec.id));
  });
  const taught = await teach(spec, teacher as Parameters<typeof teach>[1], {
    ...teaching,
    onStart: (estimate) => host.info(context, askingLine(spec.id, describeUsage(estimate))),
  }).catch((error) => fail(compileReport(error, spec.id)));
  host.info(context, taughtLine(spec.id, taught, describeUsage(taught.usage)));
  return await readSource(build, context, spec.id);
}
