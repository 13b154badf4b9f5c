// Where client code imports the interpreter: the plugin's load hook gives this file's content (see src/interpreter.ts).
// It is a real file, because bundlers treat real files best, and it is shared by all programs of a build, so each asset
// is emitted once.
throw new Error("unplugin-paw: this file is read by the plugin; the bundler that loaded it runs without unplugin-paw.");
