import tones = require("tones");

export const polite: Promise<boolean> = tones.isPolite("Thank you");

// @ts-expect-error The declarations are exact: a message is a string.
export const wrong = () => tones.tone(1);
