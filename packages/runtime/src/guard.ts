/** Memory of two threads: whether the worker is in native code, and whether it may no longer go there. */
export type GuardState = Int32Array<SharedArrayBuffer>;

const busy = 0;
const closed = 1;

/**
 * A worker thread that is ended while onnxruntime computes takes the whole process with it: the library's code throws
 * what nobody catches (`terminate called after throwing an instance of 'Napi::Error'`). So the worker says when it goes
 * there, and whoever wants to end it closes the guard and waits for it to come out, which takes as long as one run.
 */
export function createGuard(): GuardState {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** In the worker: has native code do something; never comes back where the guard is closed. */
export async function guarded<T>(state: GuardState, work: () => Promise<T>): Promise<T> {
  // In this order, as the other side closes first and looks then.
  Atomics.store(state, busy, 1);
  if (Atomics.load(state, closed) === 1) {
    leave(state);
    return await new Promise<never>(() => {});
  }
  try {
    return await work();
  } finally {
    leave(state);
  }
}

function leave(state: GuardState): void {
  Atomics.store(state, busy, 0);
  Atomics.notify(state, busy);
}

/** Closes the guard, and is done when the worker may be ended. */
export async function close(state: GuardState): Promise<void> {
  Atomics.store(state, closed, 1);
  while (Atomics.load(state, busy) === 1) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** The same at the end of the process, when nothing can be waited for but by blocking. */
export function closeNow(state: GuardState): void {
  Atomics.store(state, closed, 1);
  // (A worker that hangs must not keep the process.)
  Atomics.wait(state, busy, 1, 30_000);
}
