import { test } from "node:test";
import tone from "./tone.paw";

test("answers", async () => {
  const answer = await tone(process.env.TEXT ?? "");
  console.log(`\n${JSON.stringify({ answer })}`);
});
