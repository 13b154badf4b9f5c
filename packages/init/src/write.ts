import { randomUUID } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { InitError } from "./errors.ts";

/** What a file is to become. */
export interface Change {
  /** An absolute path. */
  path: string;
  /** What it is now; undefined where there is no file. */
  before: string | undefined;
  after: string;
}

/** A file's text; undefined where there is no file. */
export function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** A change as a unified diff, with paths relative to the root. */
export function patchOf({ path, before, after }: Change, root: string): string {
  const name = relative(root, path);
  const from = before === undefined ? "/dev/null" : `a/${name}`;
  const options = { headerOptions: FILE_HEADERS_ONLY };
  return createTwoFilesPatch(from, `b/${name}`, before ?? "", after, undefined, undefined, options).trimEnd();
}

/**
 * Writes all changes or none.
 *
 * @throws {InitError} everything is as it was
 */
export function writeAll(changes: readonly Change[]): void {
  const partials = changes.map(({ path }) => join(dirname(path), `.${basename(path)}.${randomUUID()}.partial`));
  const done: Change[] = [];
  let current = "";
  try {
    for (const [index, { path, before, after }] of changes.entries()) {
      current = path;
      const partial = partials[index] as string;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(partial, after);
      if (before !== undefined) chmodSync(partial, statSync(path).mode);
    }
    for (const change of changes) {
      current = change.path;
      if (readText(change.path) !== change.before) throw new Error("it was changed in the meantime");
    }
    for (const [index, change] of changes.entries()) {
      current = change.path;
      // (Through a link, so that it stays one.)
      renameSync(partials[index] as string, change.before === undefined ? current : realpathSync(current));
      done.push(change);
    }
  } catch (error) {
    for (const { path, before } of done) {
      if (before === undefined) rmSync(path);
      else writeFileSync(path, before);
    }
    throw unwritable(current, error as Error);
  } finally {
    for (const partial of partials) if (existsSync(partial)) rmSync(partial);
  }
}

function unwritable(path: string, cause: Error): InitError {
  const hint = "Make this place writable; nothing was changed.";
  return new InitError("WRITE", `Cannot write ${path}: ${cause.message}.`, hint, { cause });
}
