import pages from "./nuxt.row.ts";
import type { Row } from "./row.ts";

const { setup: _, ...rest } = pages;
const row: Row = { ...rest, name: "Nuxt 4.5, pages", versions: { nuxt: "^4.5.0" }, node: 22 };

export default row;
