import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { type LoadContext, Loads } from "./loads.ts";

/** A load that the test ends, and what it was told. */
function controlled() {
  const begun: LoadContext<number>[] = [];
  const ends: { resolve: (value: string) => void; reject: (error: unknown) => void }[] = [];
  const begin = (context: LoadContext<number>) => {
    begun.push(context);
    return new Promise<string>((resolve, reject) => {
      ends.push({ resolve, reject });
      context.signal.addEventListener("abort", () => reject(context.signal.reason));
    });
  };
  return { begin, begun, ends };
}

describe("Loads", () => {
  it("loads once for all who ask, tells all of them, and keeps what came", async () => {
    const loads = new Loads<string, number>();
    const { begin, begun, ends } = controlled();
    const told: number[][] = [[], []];
    const both = told.map((list) => loads.get("a", begin, { onProgress: (progress) => list.push(progress) }));
    begun[0]?.onProgress(7);
    ends[0]?.resolve("loaded");
    expect(await Promise.all(both)).toEqual(["loaded", "loaded"]);
    expect(told).toEqual([[7], [7]]);
    expect(await loads.get("a", begin)).toBe("loaded");
    expect(begun).toHaveLength(1);
  });

  it("lets the first caller go alone, at once", async () => {
    const loads = new Loads<string, number>();
    const { begin, begun, ends } = controlled();
    const first = new AbortController();
    const gone = loads.get("a", begin, { signal: first.signal });
    const stays = loads.get("a", begin, { signal: new AbortController().signal });
    first.abort(new Error("first has gone"));
    await expect(gone).rejects.toThrow("first has gone");
    expect(begun[0]?.signal.aborted).toBe(false);
    ends[0]?.resolve("loaded");
    expect(await stays).toBe("loaded");
    expect(getEventListeners(first.signal, "abort")).toEqual([]);
  });

  it("cancels the load when the last has gone, and begins anew for the next", async () => {
    const loads = new Loads<string, number>();
    const { begin, begun, ends } = controlled();
    const aborts = [new AbortController(), new AbortController()];
    const both = aborts.map(({ signal }) => loads.get("a", begin, { signal }).catch((error: Error) => error.message));
    aborts[0]?.abort(new Error("one"));
    aborts[1]?.abort(new Error("two"));
    const next = loads.get("a", begin);
    expect(await Promise.all(both)).toEqual(["one", "two"]);
    expect(begun.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    ends[1]?.resolve("again");
    expect(await next).toBe("again");
  });

  it("begins anew after a failure, and takes no signal that has fired", async () => {
    const loads = new Loads<string, number>();
    const { begin, begun, ends } = controlled();
    const failed = loads.get("a", begin);
    ends[0]?.reject(new Error("no network"));
    await expect(failed).rejects.toThrow("no network");
    const aborted = AbortSignal.abort(new Error("before"));
    await expect(loads.get("a", begin, { signal: aborted })).rejects.toThrow("before");
    expect(begun).toHaveLength(1);
    const next = loads.get("a", begin);
    ends[1]?.resolve("loaded");
    expect(await next).toBe("loaded");
  });
});
