import type { Column } from "./column.ts";

/** The answer that is most frequent among the training pairs, for every input. */
export const majority: Column = {
  name: "majority",
  title: "majority",
  async answers({ train, test }) {
    const counts = new Map<string, number>();
    for (const { output } of train) counts.set(output, (counts.get(output) ?? 0) + 1);
    const [[best] = [""]] = [...counts].sort((a, b) => b[1] - a[1]);
    return { texts: test.map(() => best) };
  },
};
