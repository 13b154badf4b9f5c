import ort from "onnxruntime-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openInterpreter } from "./open.ts";
import { chain, type Onnxruntime, Session } from "./session.ts";

let session: Session;
beforeAll(async () => {
  const { model, config } = await openInterpreter();
  session = await Session.open(ort as unknown as Onnxruntime, model, config);
});
afterAll(() => session.release());

it("serves one piece of work at a time, also after one that failed", async () => {
  const order: string[] = [];
  const work = (name: string, fail = false) =>
    session.use(async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`${name} ends`);
      if (fail) throw new Error(name);
      return name;
    });
  const results = await Promise.allSettled([work("a"), work("b", true), work("c")]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(order).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

it("makes longer prefixes of shorter ones", async () => {
  const ids = [504, 2365, 282, 4649, 314];
  const whole = await session.prefill(ids);
  const begun = await session.prefill(ids.slice(0, 2));
  const behind = await session.prefill(ids.slice(2), begun);
  expect(behind.tokens).toBe(ids.length);
  for (const [i, key] of behind.keys.entries()) expect(Math.abs(key - (whole.keys[i] as number))).toBeLessThan(5e-3);
  const [alone] = await session.use(async (sequence) => {
    sequence.begin(behind);
    return await sequence.append(chain([7042]), [0]);
  });
  expect(alone).toHaveLength(session.config.vocabulary);
});
