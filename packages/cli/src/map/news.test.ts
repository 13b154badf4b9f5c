import { expect, it } from "vitest";
import { News } from "./news.ts";

it("tells the share that is answered, not what was read ahead, and the time left", () => {
  let now = 0;
  const news = new News(1000, 0, "out.jsonl", () => now);
  expect(news.answered(10)).toBeUndefined();
  now = 20_000;
  expect(news.answered(110)).toBe("2 lines, 0.1 a second, 11 %, about 3 minutes left");
  expect(news.answered(120)).toBeUndefined();
  now = 190_000;
  expect(news.answered(990)).toContain("99 %, about a minute left");
  expect(news.done(2)).toBe("out.jsonl: 4 lines, 0.0 a second, 2 of them failed");
});

it("goes by what this run answered where another had begun", () => {
  let now = 0;
  const news = new News(2000, 50, undefined, () => now);
  expect(news.answered(1010)).toBeUndefined();
  now = 60_000;
  // Ten of a thousand bytes in a minute.
  expect(news.answered(1020)).toBe("52 lines, 0.0 a second, 51 %, about 98 minutes left");
  expect(new News(undefined, 0, undefined, () => now).done(0)).toBe("0 lines, 0.0 a second");
});
