// Has a teacher write the pairs of a spec, in a process that a test kills.
import { readSpec } from "@unplugin-paw/spec";
import { teach } from "@unplugin-paw/teacher";

const [, , file, url] = process.argv;
await teach(readSpec(file).spec, { url, model: "local" }, { pairs: 24 });
