import type { Maker } from "@unplugin-paw/programs";
import packageJson from "../package.json" with { type: "json" };

/**
 * Increment when the same spec compiles to another program though no version changed: it is part of a program's key.
 */
const method = 25;

/** This compiler, as programs name it. */
export const maker: Maker = { compiler: packageJson.version, method };
