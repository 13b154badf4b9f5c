import { ask } from "./ask.js";

globalThis.answers = ask();
