import { contextBridge, ipcRenderer } from "electron";

contextBridge.exposeInMainWorld("tone", (text: string) => ipcRenderer.invoke("tone", text));
