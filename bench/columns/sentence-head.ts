import { type Encode, openEncoder } from "../sentence/encoder.ts";
import { crossValidatedLogistic } from "../sentence/logistic.ts";
import type { Column } from "./column.ts";

/**
 * Logistic regression on sentence embeddings, labels only: the usual cheap classifier, on an encoder trained with a
 * billion pairs.
 */
export const sentenceHead: Column = {
  name: "sentenceHead",
  title: "MiniLM + logistic regression",
  async answers({ labels, train, test }) {
    if (!labels) return undefined;
    const encode = await encoder();
    if (!encode) return undefined;
    const rows: Float32Array[] = [];
    for (const { input } of train) rows.push(await encode(input));
    const classes = train.map(({ output }) => labels.indexOf(output));
    const { classify, penalty } = crossValidatedLogistic(rows, classes, labels.length);
    const texts: string[] = [];
    for (const { input } of test) texts.push(labels[classify(await encode(input))] as string);
    return { texts, numbers: { penalty } };
  },
};

let opened: Promise<Encode | undefined> | undefined;

/** Opened once; undefined, and said once, where the model cannot be had. */
function encoder(): Promise<Encode | undefined> {
  opened ??= openEncoder().catch((error: Error) => {
    console.error(`SKIPPED sentenceHead: no all-MiniLM-L6-v2. ${error.message.replaceAll(/\s+/g, " ")}`);
    return undefined;
  });
  return opened;
}
