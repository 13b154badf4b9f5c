import type { LoadContext } from "./host.ts";

/** Import statements by which modules get their assets, where a bundler takes an import of a file for its URL. */
export interface AssetImports {
  /** Adds an import to the module that is being loaded; gives the variable. */
  add(context: LoadContext, specifier: string): string;
  /** All of a module. */
  of(context: LoadContext): string;
}

export function assetImports(): AssetImports {
  const statements = new WeakMap<LoadContext, string[]>();
  return {
    add(context, specifier) {
      const list = statements.get(context) ?? [];
      statements.set(context, list);
      const variable = `asset${list.length}`;
      list.push(`import ${variable} from ${JSON.stringify(specifier)};\n`);
      return variable;
    },
    of: (context) => statements.get(context)?.join("") ?? "",
  };
}
