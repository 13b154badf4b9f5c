import type { Place } from "./source.ts";

/** Tells of something wrong in a data file; every message names the spec's line too. False means stop. */
export type Report = (code: string, place: Place, message: string, hint?: string) => boolean;

/** Takes a pair; false means stop. */
export type Add = (input: unknown, output: unknown, place: Place) => boolean;
