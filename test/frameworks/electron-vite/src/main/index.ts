import { join } from "node:path";
import { judge } from "./tone";

if (process.versions.electron) {
  const { app, BrowserWindow, ipcMain } = await import("electron");
  ipcMain.handle("tone", (_event, text: string) => judge(text));
  await app.whenReady();
  const window = new BrowserWindow({
    webPreferences: { preload: join(import.meta.dirname, "../preload/index.mjs"), sandbox: false },
  });
  await window.loadFile(join(import.meta.dirname, "../renderer/index.html"));
} else {
  // Without Electron: the same code, asked from the command line.
  console.log(JSON.stringify({ answer: await judge(process.env.TEXT ?? "") }));
}
