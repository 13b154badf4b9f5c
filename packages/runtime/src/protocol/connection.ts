import { InputError } from "@unplugin-paw/program";
import type { LoadOptions } from "../api.ts";
import type { Answer } from "../decode/answer.ts";
import type { PawError } from "../errors.ts";
import type { Reply, Request, WireAnswer, Work } from "./messages.ts";
import { fromWire, isFatal, type WireError } from "./wire.ts";

/** A worker that has been started. */
export interface Port<Source> {
  post(request: Request<Source>): void;
  terminate(): unknown;
  /** Told whether somebody waits for the worker: where a process must not live for an idle one. */
  hold?(waits: boolean): void;
}

/** What the platform tells of its worker. */
export interface PortEvents {
  onReply(reply: Reply): void;
  /** The worker is of no use any more. */
  onFailure(error: PawError): void;
}

/** How long a request is waited for, and what is told meanwhile. */
export interface RequestOptions extends Pick<LoadOptions, "signal" | "onProgress"> {
  onPart?: ((part: string) => void) | undefined;
}

interface Waiting {
  resolve: (answers: WireAnswer[]) => void;
  reject: (error: Error | WireError) => void;
  onProgress: LoadOptions["onProgress"];
  onPart: RequestOptions["onPart"];
  inputs: number;
}

/** A worker and what it was asked for: the caller's half of the protocol, the same for a page and for Node. */
export class Connection<Source> {
  private readonly waiting = new Map<number, Waiting>();
  private readonly started: Promise<Port<Source>>;
  private readonly onClosed: () => void;
  private port: Port<Source> | undefined;
  private closed: PawError | undefined;
  private retiring = false;
  private lastId = 0;

  /**
   * @param start starts the worker
   * @param onClosed is called when the worker has come to its end, whatever ended it
   */
  constructor(start: (events: PortEvents) => Promise<Port<Source>>, onClosed: () => void) {
    this.onClosed = onClosed;
    this.started = start({
      onReply: (reply) => this.receive(reply),
      onFailure: (error) => void this.close(error),
    });
    this.started.then(
      (port) => {
        this.port = port;
        this.hold();
      },
      (error) => void this.close(error),
    );
  }

  /** How many inputs wait for an answer; a load counts as one. */
  get load(): number {
    let sum = 0;
    for (const { inputs } of this.waiting.values()) sum += inputs;
    return sum;
  }

  /**
   * Has the worker do something.
   *
   * @throws {PawError} `WORKER_FAILED`, `DISPOSED`, and whatever the work ends with
   */
  async request(work: Work<Source>, { signal, onProgress, onPart }: RequestOptions): Promise<Answer[]> {
    const id = ++this.lastId;
    const inputs = work.kind === "answer" ? work.inputs.length : 1;
    const abort = () => this.port?.post({ id, kind: "abort" });
    try {
      const answers = await new Promise<WireAnswer[]>((resolve, reject) => {
        this.waiting.set(id, { resolve, reject, onProgress, onPart, inputs });
        this.started
          .then((port) => {
            if (this.closed) throw this.closed;
            signal?.throwIfAborted();
            this.hold();
            port.post({ id, ...work });
            signal?.addEventListener("abort", abort, { once: true });
          })
          .catch(reject);
      });
      return answers.map(
        (answer): Answer =>
          "error" in answer && answer.error ? ({ error: fromWire(answer.error) } as Answer) : (answer as Answer),
      );
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof Error) throw error.name === "DataCloneError" ? notCloned(error) : error;
      // Made here, where the call waits: its stack names the callers.
      if (isWireError(error)) throw fromWire(error);
      throw error;
    } finally {
      this.waiting.delete(id);
      signal?.removeEventListener("abort", abort);
      this.hold();
      this.retireIfIdle();
    }
  }

  /** Tells the worker that nobody has a program any more. */
  forget(key: string): void {
    if (!this.closed) this.port?.post({ kind: "forget", key });
  }

  /** Ends the worker when all that it was asked for is done. */
  retire(): void {
    this.retiring = true;
    this.retireIfIdle();
  }

  /** Ends the worker; whoever waits gets the error. */
  async close(error: PawError): Promise<void> {
    const first = this.closed === undefined;
    this.closed ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
    if (first) this.onClosed();
    const port = await this.started.catch(() => undefined);
    await port?.terminate();
  }

  private retireIfIdle(): void {
    if (!this.retiring || this.closed || this.waiting.size > 0) return;
    this.retiring = false;
    void this.started.then((port) => port.terminate());
  }

  private hold(): void {
    if (!this.closed) this.port?.hold?.(this.waiting.size > 0);
  }

  private receive(reply: Reply): void {
    if (reply.kind === "ready") return;
    const waiting = this.waiting.get(reply.id);
    if (reply.kind === "progress") waiting?.onProgress?.(reply.progress);
    if (reply.kind === "part") waiting?.onPart?.(reply.part);
    if (reply.kind === "done") waiting?.resolve(reply.answers);
    if (reply.kind !== "failed") return;
    waiting?.reject(reply.error);
    if (isFatal(reply.error)) void this.close(fromWire(reply.error) as PawError);
  }
}

function isWireError(error: unknown): error is WireError {
  return typeof error === "object" && error !== null && "code" in error && "hint" in error;
}

function notCloned({ message }: Error): InputError {
  return new InputError("type", `the input is nothing that can be sent to a worker: ${message}`);
}
