import { ask } from "./ask.js";

ask().then(
  (answers) => postMessage({ answers }),
  (error) => postMessage({ error: String(error) }),
);
