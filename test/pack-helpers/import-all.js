// Imports every export of every package of ours that is installed here, and prints where each one lies and what it has, as JSON.
import { readFile } from "node:fs/promises";

const found = {};
for (const name of process.argv.slice(2)) {
  const manifest = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  for (const [path, target] of Object.entries(manifest.exports)) {
    const typesOnly = Object.keys(target).join() === "types";
    if (typesOnly || path === "./package.json") continue;
    const specifier = name + path.slice(1);
    found[specifier] = { url: import.meta.resolve(specifier), names: Object.keys(await import(specifier)) };
  }
}
console.log(JSON.stringify(found));
