/** Options of all benchmarks, as they are given; `run.ts` says which benchmark has which. */
export interface Options {
  suite?: string | undefined;
  corpus?: string | undefined;
  pairs?: string | undefined;
  tests?: string | undefined;
  tasks?: string | undefined;
  columns?: string | undefined;
  effort?: string | undefined;
  seeds?: string | undefined;
  "prompted-gguf"?: string | undefined;
  teacher?: string | undefined;
  interpreter?: string | undefined;
  gguf?: string | undefined;
  resume?: boolean | undefined;
  child?: string | undefined;
  rounds?: string | undefined;
  bundlers?: string | undefined;
}
