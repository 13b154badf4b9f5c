import { type LoadContext as Context, Loads } from "@unplugin-paw/interpreter/web";
import type { Program } from "@unplugin-paw/program";
import type { LoadProgress } from "../api.ts";
import type { Engine } from "../decode/interfaces.ts";
import { Scheduler } from "../schedule.ts";
import type { Reply, Request, WireAnswer } from "./messages.ts";
import { toWire } from "./wire.ts";

export type LoadContext = Context<LoadProgress>;

/** How a platform finds what a `Source` names. */
export interface Opener<Source> {
  /** Two sources with the same key share one model in memory. */
  engineKey(source: Source): string;
  openEngine(source: Source, context: LoadContext): Promise<Engine>;
  programKey(source: Source): string;
  openProgram(source: Source, context: LoadContext): Promise<Program>;
}

/**
 * The worker's half of the protocol, the same in a page and in Node.
 *
 * @returns what to call with each request
 */
export function serve<Source>(
  post: (reply: Reply) => void,
  { engineKey, openEngine, programKey, openProgram }: Opener<Source>,
): (request: Request<Source>) => void {
  const engines = new Loads<Scheduler, LoadProgress>();
  const programs = new Loads<Program, LoadProgress>();
  const running = new Map<number, AbortController>();

  /** Does what is asked and replies, whatever comes of it. */
  async function respond(request: Extract<Request<Source>, { program: Source }>): Promise<void> {
    const { id, kind, program: source } = request;
    const abort = new AbortController();
    const { signal } = abort;
    running.set(id, abort);
    try {
      const onProgress: LoadContext["onProgress"] = (progress) => post({ kind: "progress", id, progress });
      const [scheduler, program] = await Promise.all([
        engines.get(engineKey(source), async (context) => new Scheduler(await openEngine(source, context)), {
          signal,
          onProgress,
        }),
        programs.get(programKey(source), (context) => openProgram(source, context), { signal, onProgress }),
      ]);
      const onPart = (part: string) => post({ kind: "part", id, part });
      const answers =
        kind === "load"
          ? []
          : await scheduler.answer(program, request.inputs, signal, request.parts ? onPart : undefined);
      post({
        kind: "done",
        id,
        answers: answers.map((one): WireAnswer => (one.error ? { error: toWire(one.error) } : one)),
      });
    } catch (error) {
      post({ kind: "failed", id, error: toWire(error) });
    } finally {
      running.delete(id);
    }
  }

  return (request) => {
    if (request.kind === "forget") programs.delete(request.key);
    else if (request.kind === "abort") running.get(request.id)?.abort();
    else void respond(request);
  };
}
