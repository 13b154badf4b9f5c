// A Vite server build of all specs of an app in a process of its own, as a user runs it: plain node and the packages as they are published.
// What the build says goes to stdout.
//
// usage: node build-all.js ROOT OUT CACHE
import { readdirSync } from "node:fs";
import paw from "unplugin-paw/vite";
import { build } from "vite";

const [root, outDir, cache] = process.argv.slice(2);
const specs = readdirSync(`${root}/src`).filter((file) => file.endsWith(".paw"));
const main = specs.map((file, i) => `import f${i} from "./${file}";\nconsole.log(f${i}.meta.name);\n`).join("");
await build({
  root,
  configFile: false,
  plugins: [paw({ cache, effort: "draft" }), { name: "main", load: (id) => (id.endsWith("/main.js") ? main : null) }],
  build: { ssr: "src/main.js", outDir },
});
