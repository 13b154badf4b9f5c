import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { takeTurn } from "./turn.ts";

const never = new AbortController().signal;
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "paw-turn-"));
  vi.stubEnv("PAW_HOME", home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

describe("turns", () => {
  it("are taken one after the other, and say that they wait", async () => {
    let running = 0;
    let most = 0;
    let waited = 0;
    const work = async (name: string) => {
      most = Math.max(most, ++running);
      await sleep(50);
      running--;
      return name;
    };
    const all = ["a", "b", "c"].map((name) =>
      takeTurn(
        never,
        () => waited++,
        () => work(name),
      ),
    );
    expect(await Promise.all(all)).toEqual(["a", "b", "c"]);
    expect(most).toBe(1);
    expect(waited).toBe(2);
  });

  it("are given on when the work fails", async () => {
    const failing = takeTurn(
      never,
      () => {},
      () => Promise.reject(new Error("no luck")),
    );
    await expect(failing).rejects.toThrow("no luck");
    expect(
      await takeTurn(
        never,
        () => {},
        async () => "next",
      ),
    ).toBe("next");
  });

  it("can be given up while waiting", async () => {
    const abort = new AbortController();
    const first = takeTurn(
      never,
      () => {},
      () => sleep(300),
    );
    const second = takeTurn(
      abort.signal,
      () => abort.abort(new Error("enough")),
      async () => "never",
    );
    await expect(second).rejects.toThrow("enough");
    await first;
  });

  it("need not be waited for where the folder cannot be written", async () => {
    const file = join(home, "file");
    writeFileSync(file, "");
    vi.stubEnv("PAW_HOME", join(file, "home"));
    expect(
      await takeTurn(
        never,
        () => {},
        async () => "alone",
      ),
    ).toBe("alone");
  });
});
