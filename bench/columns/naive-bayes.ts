import type { Column } from "./column.ts";

/**
 * Multinomial naive Bayes over lower-cased words with Laplace smoothing, labels only: what a page of code does without
 * any model.
 */
export const naiveBayes: Column = {
  name: "naiveBayes",
  title: "naive Bayes",
  async answers({ labels, train, test }) {
    if (!labels) return undefined;
    const vocabulary = new Set(train.flatMap(({ input }) => words(input)));
    const classes = labels.map((label) => {
      const own = train.filter(({ output }) => output === label);
      const counts = new Map<string, number>();
      for (const word of own.flatMap(({ input }) => words(input))) counts.set(word, (counts.get(word) ?? 0) + 1);
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
      const prior = Math.log((own.length + 1) / (train.length + labels.length));
      const likelihood = (word: string) => Math.log(((counts.get(word) ?? 0) + 1) / (total + vocabulary.size));
      return { label, prior, likelihood };
    });
    const texts = test.map(({ input }) => {
      const known = words(input).filter((word) => vocabulary.has(word));
      const scores = classes.map(({ prior, likelihood }) => known.reduce((sum, word) => sum + likelihood(word), prior));
      return classes[scores.indexOf(Math.max(...scores))]?.label ?? "";
    });
    return { texts };
  },
};

function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
