import { createRequire } from "node:module";
import * as imported from "tones";
import * as bundled from "./bundled.mjs"; // app.mjs, with the library in it

const required = createRequire(import.meta.url)("tones");
const text = process.env.TEXT ?? "";
const answer = await imported.tone(text);
for (const { isPolite, tone } of [imported, required, bundled]) {
  if ((await tone(text)) !== answer) throw new Error("the same program answers something else");
  if ((await isPolite(text)) !== (answer === "polite")) throw new Error("the library's own call does not agree");
}
console.log(JSON.stringify({ answer }));
