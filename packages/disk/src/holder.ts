import { readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Says which process this is, so that others can ask whether it lives: its machine, its namespace of process numbers,
 * its number.
 */
export function thisProcess(): string {
  return JSON.stringify([hostname(), namespace(), process.pid]);
}

/** Whether a process has certainly ended: it said where it ran, that is here, and there is none of its number. */
export function hasEnded(said: string | undefined): boolean {
  try {
    const [host, space, pid] = JSON.parse(said ?? "") as unknown[];
    if (host !== hostname() || space !== namespace() || typeof pid !== "number") return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Containers have process numbers of their own; elsewhere there is one space of them. */
function namespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}
