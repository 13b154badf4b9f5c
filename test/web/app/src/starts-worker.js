const worker = new Worker(new URL("./in-worker.js", import.meta.url), { type: "module" });

globalThis.answers = new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.answers));
  worker.onerror = (event) => reject(new Error(event.message ?? "the worker cannot be loaded"));
});
