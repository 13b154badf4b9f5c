import tone from "./tone.paw";

const answer: "polite" | "rude" = await tone(process.env.TEXT ?? "");
console.log(JSON.stringify({ answer }));

// @ts-expect-error The declarations are exact: a message is a string.
export const wrong = () => tone(1);
