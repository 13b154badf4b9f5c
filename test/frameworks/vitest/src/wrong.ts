import tone from "./tone.paw";

// @ts-expect-error The declarations are exact: a message is a string.
export const wrong = () => tone(1);
