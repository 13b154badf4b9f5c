/** Registers the service worker of the build; true once everything that the page needs is kept. */
export async function keepOffline(): Promise<boolean> {
  // A dev server has none, and pages without https have no service workers.
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register("./sw.js");
    await navigator.serviceWorker.ready;
    return true;
  } catch {
    return false; // private windows may refuse it: the page works as before
  }
}
