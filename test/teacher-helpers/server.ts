import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What a server of OpenAI's protocol does instead of answering well. */
export type Fault =
  | "hang"
  | "cut"
  | "429"
  | "500"
  | "401"
  | "no json"
  | "refusal"
  | "truncated"
  | "wrong labels"
  | "fenced"
  | "one label"
  | "other labels"
  | "booleans"
  | "booleans as texts"
  | "example"
  | "gone";

/** A large language model as seen over HTTP: it knows polite messages from rude ones. */
export interface TeacherServer {
  url: string;
  /** The bodies of all requests, in order. */
  requests: { system: string; user: string; authorization: string | undefined }[];
  close(): void;
}

/** @param fault of a request, by its number from 0 */
export async function teacherServer(
  fault: (request: number) => Fault | undefined = () => undefined,
): Promise<TeacherServer> {
  const requests: TeacherServer["requests"] = [];
  let written = 0;
  const server = createServer(async (request, response) => {
    const { messages } = JSON.parse(await text(request)) as { messages: { role: string; content: unknown }[] };
    const say = (role: string) => contentOf(messages.find((message) => message.role === role)?.content);
    const asked = { system: say("system"), user: say("user") };
    requests.push({ ...asked, authorization: request.headers.authorization });
    const kind = fault(requests.length - 1);
    const answer = () => {
      const copied = kind === "example" ? [...asked.user.matchAll(/^\{"(?:output|input|situation)".*$/gm)] : [];
      return [...copied.map(([line]) => line), answerTo(asked.user, () => written++)].join("\n");
    };
    reply(kind, answer, request, response, () => server.close());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/v1`, requests, close };
}

function contentOf(content: unknown): string {
  return typeof content === "string" ? content : (content as { text: string }[]).map(({ text }) => text).join("");
}

function reply(
  fault: Fault | undefined,
  answer: () => string,
  request: IncomingMessage,
  response: ServerResponse,
  stop: () => void,
): void {
  const status = (code: number, headers: Record<string, string> = {}) =>
    response.writeHead(code, headers).end(JSON.stringify({ error: { message: `fault ${code}` } }));
  switch (fault) {
    case "hang":
      return;
    case "cut":
      request.socket.destroy();
      return;
    case "gone":
      stop();
      request.socket.destroy();
      return;
    case "429":
      status(429, { "retry-after": "1" });
      return;
    case "500":
    case "401":
      status(Number(fault), { "retry-after-ms": "50" });
      return;
    case "truncated":
      complete(response, answer().slice(0, -25), "length");
      return;
    default:
      complete(response, said(fault, answer));
  }
}

/** A whole answer, useful or not. */
function said(fault: Fault | undefined, answer: () => string): string {
  switch (fault) {
    case "no json":
      return "Sure! Here is what you asked for: first, a polite one, then a rude one.";
    case "refusal":
      return "I'm sorry, but I can't help with that.";
    case "wrong labels":
      return answer().replace(/"(polite|rude)"/g, '"neutral"');
    case "one label":
      return answer().replace(/("n":\d+,"output":)"(polite|rude)"/g, '$1"polite"');
    case "other labels":
      return answer().replace(/("output":)"(polite|rude)"(,"input":"Thank)/g, '$1"rude"$3');
    case "booleans":
      return answer().replaceAll('"polite"', "true").replaceAll('"rude"', "false");
    case "booleans as texts":
      return answer().replaceAll('"polite"', '"true"').replaceAll('"rude"', '"false"');
    case "fenced":
      return `\`\`\`json\n${answer()}\n\`\`\``;
    default:
      return answer();
  }
}

function complete(response: ServerResponse, content: string, finish = "stop"): void {
  response.writeHead(200, { "content-type": "application/json" }).end(
    JSON.stringify({
      id: "one",
      object: "chat.completion",
      created: 1,
      model: "local",
      choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: finish }],
      usage: { prompt_tokens: 300, completion_tokens: 100, total_tokens: 400 },
    }),
  );
}

const WORDS =
  "order invoice garden meeting train parcel window ticket kitchen report engine coffee doctor lesson signal market photo river battery jacket museum planet software bicycle winter dinner lawyer keyboard passport island".split(
    " ",
  );

/** What the model says to each kind of question. */
function answerTo(user: string, next: () => number): string {
  const count = Number(/(?:Name|Write) (\d+)/.exec(user)?.[1]);
  if (user.startsWith("Name"))
    return lines(Array.from({ length: count }, (_, i) => `${WORDS[i]} and ${WORDS[i + 12]}`));
  if (user.startsWith("Write")) {
    const isLabelled = user.includes("the right answer, then the input");
    const inputs = Array.from({ length: count }, () => inputOf(next()));
    return lines(isLabelled ? inputs.map((input) => ({ output: labelOf(input), input })) : inputs);
  }
  if (user.startsWith("Answer")) {
    const asked = user.split("\n").filter((line) => line.startsWith('{"n":') && line.includes('"input"'));
    return lines(
      asked.map((line) => {
        const { n, input } = JSON.parse(line);
        return { n, output: labelOf(input) };
      }),
    );
  }
  const pairs = user.split("\n").filter((line) => /^\d+: /.test(line));
  return lines(pairs.map((_, i) => ({ n: i + 1, verdict: "keep" })));
}

const lines = (values: unknown[]) => values.map((value) => JSON.stringify(value)).join("\n");

/** Messages as different as words can make them, every second one polite. */
function inputOf(i: number): string {
  const word = (k: number) => WORDS[(i * 7 + k * 11 + i * i * k) % WORDS.length];
  const about = `${word(1)} ${word(2)} ${word(3)} ${word(4)} ${i}`;
  return i % 2 === 0 ? `Thank you kindly for the ${about}` : `Your ${about} is rubbish, idiot`;
}

export function labelOf(input: string): "polite" | "rude" {
  return input.startsWith("Thank") ? "polite" : "rude";
}
