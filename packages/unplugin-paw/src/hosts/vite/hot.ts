import type { DevEnvironment, EnvironmentModuleNode, ViteDevServer } from "vite";
import { SPEC } from "../../ids.ts";

/**
 * Invalidates the modules of specs, and gives them: they take their own updates (see `swappable` in the runtime).
 * Without this Vite would use a load that began before the change; and it knows data files only of specs whose last
 * load succeeded.
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
