import type { Session } from "@unplugin-paw/interpreter/session";
import { type Answer, answerPass } from "./decode/answer.ts";
import { answerChoices } from "./decode/answer-choices.ts";
import type { Engine, Runnable } from "./decode/interfaces.ts";
import { PassRoom } from "./decode/passes.ts";
import { type Item, limitsOf, readInputs } from "./decode/read-inputs.ts";

/** An input of more tokens is long: it does not share a pass. */
const longInput = 256;
/** Tokens of a long input that are run before the others have their turn: about the time of two short inputs. */
const longRun = 128;

/**
 * Serves calls that come at the same time with one model. There are three lanes, each with a sequence of its own:
 * inputs whose answer is a label, inputs whose answer is a text, and long inputs. Within a lane calls are served in
 * turn, and share a pass where their program is the same; between lanes the model alternates, run by run. So a long
 * input, or a long answer, delays the others by its share only.
 *
 * @example
 * const scheduler = new Scheduler(engine);
 * const [answer] = await scheduler.answer(program, ["Loved it"], signal);
 */
export class Scheduler {
  private readonly engine: Engine;
  private readonly labels: Lane;
  private readonly texts: Lane;
  private readonly long: Lane;

  constructor(engine: Engine) {
    this.engine = engine;
    this.labels = new Lane(engine, "shared");
    this.texts = new Lane(engine, "shared");
    this.long = new Lane(engine, "alone");
  }

  /**
   * Answers in the order of the inputs.
   *
   * @param onPart told of the parts of an answer in text, where there is one input
   * @throws the signal's reason
   */
  async answer(
    program: Runnable,
    inputs: readonly unknown[],
    signal: AbortSignal,
    onPart?: (part: string) => void,
  ): Promise<Answer[]> {
    signal.throwIfAborted();
    const pause = async () => {
      await nextTask();
      signal.throwIfAborted();
    };
    const { closed } = answerChoices(this.engine.interpreter, program.contract);
    const shared = closed ? this.labels : this.texts;
    const answers: Answer[] = [];
    const items: { place: number; item: Item }[] = [];
    let place = 0;
    for await (const read of readInputs(this.engine, program, inputs, pause)) {
      if (read.error) answers[place] = read;
      else items.push({ place, item: read });
      place++;
    }
    const isLong = ({ item }: { item: Item }) => item.ids.length > longInput;
    const parts = [
      [shared, items.filter((one) => !isLong(one))],
      [this.long, items.filter(isLong)],
    ] as const;
    await Promise.all(
      parts.map(async ([lane, part]) => {
        if (part.length === 0) return;
        const found = await lane.answer(
          program,
          part.map(({ item }) => item),
          signal,
          onPart,
        );
        for (const [i, { place }] of part.entries()) answers[place] = found[i] as Answer;
      }),
    );
    return answers;
  }
}

/** Inputs of one call that wait in a lane. */
interface Call {
  program: Runnable;
  items: readonly Item[];
  /** How many of the items are in a pass, or were. */
  begun: number;
  answers: Answer[];
  done: number;
  signal: AbortSignal;
  onPart: ((part: string) => void) | undefined;
  resolve: (answers: Answer[]) => void;
  reject: (error: unknown) => void;
}

/** One input of a call. */
interface Place {
  call: Call;
  index: number;
}

const itemOf = ({ call, index }: Place) => call.items[index] as Item;

class Lane {
  private readonly engine: Engine;
  private readonly kind: "shared" | "alone";
  private session: Session | undefined;
  private calls: Call[] = [];
  private running = false;

  constructor(engine: Engine, kind: "shared" | "alone") {
    this.engine = engine;
    this.kind = kind;
  }

  answer(program: Runnable, items: readonly Item[], signal: AbortSignal, onPart: Call["onPart"]): Promise<Answer[]> {
    return new Promise((resolve, reject) => {
      this.calls.push({ program, items, begun: 0, answers: [], done: 0, signal, onPart, resolve, reject });
      if (!this.running) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.running = true;
    for (let pass = this.nextPass(); pass.length > 0; pass = this.nextPass()) await this.runPass(pass);
    this.running = false;
    // A long input's cache takes up to 0.4 GB.
    if (this.kind === "alone") this.session = undefined;
  }

  /**
   * The next pass: the first call's next input, and with it the next ones of all calls of the same program, one of each
   * in turn.
   */
  private nextPass(): Place[] {
    this.calls = this.calls.filter((call) => {
      if (call.signal.aborted) call.reject(call.signal.reason);
      return !call.signal.aborted;
    });
    const [first] = this.calls;
    if (!first) return [];
    const mates = this.kind === "alone" ? [first] : this.calls.filter(({ program }) => program === first.program);
    const most = this.kind === "alone" ? 1 : Math.max(...mates.map(({ items, begun }) => items.length - begun));
    const candidates: Place[] = [];
    for (let round = 0; round < most; round++) {
      for (const call of mates) {
        const index = call.begun + round;
        if (index < call.items.length) candidates.push({ call, index });
      }
    }
    const room = new PassRoom(limitsOf(this.engine, first.program));
    const end = candidates.findIndex((place) => !room.take(itemOf(place).ids.length));
    const pass = end < 0 ? candidates : candidates.slice(0, end);
    for (const { call } of pass) call.begun++;
    const served = new Set(pass.map(({ call }) => call));
    const waiting = this.calls.filter((call) => !served.has(call));
    this.calls = [...waiting, ...[...served].filter(({ items, begun }) => begun < items.length)];
    return pass;
  }

  private async runPass(pass: readonly Place[]): Promise<void> {
    const { program, signal } = (pass[0] as Place).call;
    // Who goes leaves the others' pass alone.
    const pause = async () => {
      await nextTask();
      if (pass.every(({ call }) => call.signal.aborted)) signal.throwIfAborted();
    };
    const onPart = (i: number, part: string) => pass[i]?.call.onPart?.(part);
    const options = {
      pause,
      ...(this.kind === "alone" && { run: longRun }),
      ...(pass.some(({ call }) => call.onPart) && { onPart }),
    };
    const { interpreter } = this.engine;
    this.session ??= this.engine.session.fork();
    try {
      const found = await this.session.use((sequence) =>
        answerPass(sequence, interpreter, program, pass.map(itemOf), options),
      );
      for (const [i, { call, index }] of pass.entries()) {
        call.answers[index] = found[i] as Answer;
        call.done++;
        if (call.done === call.items.length) call.resolve(call.answers);
      }
    } catch (error) {
      const failed = new Set(pass.map(({ call }) => call));
      for (const call of failed) call.reject(call.signal.aborted ? call.signal.reason : error);
      this.calls = this.calls.filter((call) => !failed.has(call));
    }
  }
}

/** Lets whatever else waits, messages above all, have its turn. */
function nextTask(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
