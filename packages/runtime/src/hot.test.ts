import { describe, expect, it } from "vitest";
import type { ProgramMeta } from "./api.ts";
import { type AnyPawFunction, pawFunction } from "./function.ts";
import { type HotContext, swappable } from "./hot.ts";

const text: ProgramMeta["contract"] = { input: { kind: "string" }, output: { kind: "string" } };
const labels: ProgramMeta["contract"] = { input: { kind: "string" }, output: { kind: "labels", labels: ["a", "b"] } };

/** A function that answers everything with its own name, when it is told to. */
function named(name: string, contract = text, when: Promise<unknown> = Promise.resolve()): AnyPawFunction {
  return pawFunction(
    { name, interpreter: { id: "small", digest: "00" }, contract, tests: null },
    {
      load: async () => {},
      answer: async (inputs) => {
        await when;
        return inputs.map(() => ({
          value: name,
          classification: {
            label: name,
            probability: 0.75,
            probabilities: { a: 0.75, b: 0.25 },
            unsure: 0,
            abstained: false,
          },
        }));
      },
    },
  );
}

/**
 * What a module and its successors are told: in Vite the data stays, in webpack it is what the predecessor put there.
 */
function contexts(stays: boolean): () => HotContext {
  let data: HotContext["data"] = stays ? {} : undefined;
  let leave: Parameters<HotContext["dispose"]>[0] | undefined;
  return () => {
    if (leave) {
      data = stays ? data : {};
      leave(data as object);
    }
    const dispose = (handler: typeof leave) => {
      leave = handler;
    };
    return { data, dispose };
  };
}

describe.each([
  ["Vite", true],
  ["webpack", false],
])("a function whose module is replaced, in %s", (_name, stays) => {
  it("is the same function, and the new program answers by every name", async () => {
    const next = contexts(stays);
    const run = swappable(named("first"), next());
    const { batch } = run;
    expect(await run("x")).toBe("first");
    for (const name of ["second", "third"]) {
      expect(swappable(named(name), next())).toBe(run);
      expect([await run("x"), ...(await batch(["x", "y"]))]).toEqual([name, name, name]);
    }
  });

  it("ends a call with the program that it began with", async () => {
    const next = contexts(stays);
    let go = () => {};
    const wait = new Promise<void>((resolve) => {
      go = resolve;
    });
    const run = swappable(named("first", text, wait), next());
    const before = run("x");
    swappable(named("second"), next());
    expect(await run("x")).toBe("second");
    go();
    expect(await before).toBe("first");
  });

  it("tells of the new program wherever its meta was imported, and can do what that can", async () => {
    const next = contexts(stays);
    const modules = [named("first", labels), named("second", text), named("third", labels)];
    const run = swappable(modules[0] as AnyPawFunction, next());
    expect(await run.classify?.("x")).toMatchObject({ label: "first", probability: 0.75 });
    swappable(modules[1] as AnyPawFunction, next());
    expect(run.classify).toBeUndefined();
    const parts: string[] = [];
    for await (const part of run.stream?.("x") ?? []) parts.push(part);
    for await (const { value } of run.each(["x"])) parts.push(value as string);
    expect(parts).toEqual(["second", "second"]);
    swappable(modules[2] as AnyPawFunction, next());
    expect(await run.classify?.("x")).toMatchObject({ label: "third" });
    expect(run.stream).toBeUndefined();
    for (const { meta } of [run, ...modules]) expect(meta).toMatchObject({ name: "third", contract: labels });
  });
});

it("goes on with the last good program where a module could not be made, and takes the one after it", async () => {
  const next = contexts(false);
  const run = swappable(named("first"), next());
  expect(swappable(new Error("no such label"), next())).toBe(run);
  expect(await run("x")).toBe("first");
  swappable(named("second"), next());
  expect(await run("x")).toBe("second");
  expect(() => swappable(new Error("no such label"), contexts(false)())).toThrow("no such label");
});

it("is the program's own function where modules are not replaced", () => {
  const run = named("only");
  expect(swappable(run, undefined)).toBe(run);
});
