import { createHash, type Hash } from "node:crypto";
import { openRegular } from "./regular.ts";

/**
 * Most bytes of a file that is hashed, 64 GiB: onnxruntime could not load a larger model, and hashing it would take
 * minutes.
 */
export const MAX_HASHED: number = 2 ** 36;

/**
 * Feeds a file's bytes to a hash.
 *
 * @param onBytes called with the number of bytes hashed so far
 * @throws {UnfitFile} it is no regular file, or larger than 64 GiB
 */
export async function hashFile(
  path: string,
  hash: Hash,
  onBytes?: (loaded: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  let loaded = 0;
  const file = await openRegular(path, { maxBytes: MAX_HASHED });
  for await (const chunk of file.createReadStream({ highWaterMark: 1 << 20, ...(signal && { signal }) })) {
    hash.update(chunk);
    loaded += chunk.length;
    onBytes?.(loaded);
  }
}

/**
 * SHA-256 of a file, lower-case hexadecimal.
 *
 * @throws the file system's error when the file cannot be read
 * @example
 * await sha256File("model.gguf"); // "b179c952..."
 */
export async function sha256File(
  path: string,
  options: { onBytes?: (loaded: number) => void; signal?: AbortSignal } = {},
): Promise<string> {
  const hash = createHash("sha256");
  await hashFile(path, hash, options.onBytes, options.signal);
  return hash.digest("hex");
}
