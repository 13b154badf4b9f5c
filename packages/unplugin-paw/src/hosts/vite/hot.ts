import type { DevEnvironment, EnvironmentModuleNode, ViteDevServer } from "vite";
import { SPEC } from "../../ids.ts";

/**
 * Has the modules of specs made anew when they are asked for next, and gives them: they take their own updates (see `swappable` in the
 * runtime). A load that began before would do for Vite otherwise, and Vite knows the data files of those specs only whose last load went well.
 */
export function forgetSpecs(specs: readonly string[], environment: DevEnvironment): EnvironmentModuleNode[] {
  const modules = specs
    .flatMap((spec) => modulesOf(spec, environment))
    .filter(({ id }) => id !== null && SPEC.test(id));
  for (const module of modules) environment.moduleGraph.invalidateModule(module);
  return modules;
}

/** Loads a spec's modules again. */
export function reloadSpec(server: ViteDevServer | undefined, spec: string): void {
  for (const environment of Object.values(server?.environments ?? {})) {
    for (const module of modulesOf(spec, environment)) {
      environment.moduleGraph.invalidateModule(module); // (without HMR Vite would not)
      void environment.reloadModule(module);
    }
  }
}

function modulesOf(file: string, { moduleGraph }: DevEnvironment): EnvironmentModuleNode[] {
  return [...(moduleGraph.getModulesByFile(file) ?? [])];
}
