// What the library's users see: no setting of theirs is for it.
import { isPolite, tone } from "tones";

const polite: boolean = await isPolite("Thank you");
const answer: "polite" | "rude" = await tone("Thank you");
console.log(polite, answer);

// @ts-expect-error The declarations are exact: a message is a string.
export const wrong = () => tone(1);
