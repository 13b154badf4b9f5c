import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

/** A place in a file, 0-based. */
export interface Position {
  line: number;
  character: number;
}

/** Where "go to definition" leads: a range to select, and the whole of what is defined. */
export interface Definition {
  file: string;
  selection: { start: Position; end: Position };
  whole: { start: Position; end: Position };
}

/** A language server of TypeScript, as editors run it. */
export interface LanguageServer {
  /** Where "go to definition" leads from the first place of a text in a file. */
  definitions(file: string, text: string): Promise<Definition[]>;
  close(): void;
}

/** The server that TypeScript has up to version 6. It counts from 1. */
export function startTsserver(tsserver: string, cwd: string): LanguageServer {
  type At = { line: number; offset: number };
  type Found = { file: string; start: At; end: At; contextStart?: At; contextEnd?: At };
  const child = spawn(process.execPath, [tsserver, "--disableAutomaticTypingAcquisition"], { cwd });
  const replies = listen(child, ({ request_seq }) => request_seq);
  let sequence = 0;
  const send = (command: string, args: object) => {
    child.stdin.write(`${JSON.stringify({ seq: ++sequence, type: "request", command, arguments: args })}\n`);
    return sequence;
  };
  const position = ({ line, offset }: At): Position => ({ line: line - 1, character: offset - 1 });
  const opened = new Set<string>();
  return {
    async definitions(file, text) {
      if (!opened.has(file)) send("open", { file });
      opened.add(file);
      const { line, character } = placeOf(text, file);
      const reply = await replies(send("definitionAndBoundSpan", { file, line: line + 1, offset: character + 1 }));
      const { definitions } = reply.body as { definitions: Found[] };
      return definitions.map(({ file, start, end, contextStart = start, contextEnd = end }) => ({
        file,
        selection: { start: position(start), end: position(end) },
        whole: { start: position(contextStart), end: position(contextEnd) },
      }));
    },
    close: () => child.kill(),
  };
}

/** The server that TypeScript has from version 7 on: it speaks the Language Server Protocol. */
export async function startLanguageServer(tsc: string, cwd: string): Promise<LanguageServer> {
  type Range = { start: Position; end: Position };
  type Link = { targetUri: string; targetSelectionRange: Range; targetRange: Range };
  const child = spawn(process.execPath, [tsc, "--lsp", "--stdio"], { cwd });
  const send = (message: object) => {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  // (It asks, too: for settings, and to watch files.)
  const replies = listen(child, ({ id, method, params }) => {
    if (method === undefined) return id;
    if (id !== undefined)
      send({ id, result: method === "workspace/configuration" ? params.items.map(() => null) : null });
    return undefined;
  });
  let sequence = 0;
  const ask = (method: string, params: object) => {
    send({ id: ++sequence, method, params });
    return replies(sequence);
  };
  const capabilities = { textDocument: { definition: { linkSupport: true } } };
  await ask("initialize", { processId: process.pid, rootUri: pathToFileURL(cwd).href, capabilities });
  send({ method: "initialized", params: {} });
  const opened = new Set<string>();
  return {
    async definitions(file, text) {
      const uri = pathToFileURL(file).href;
      const textDocument = { uri, languageId: "typescript", version: 1, text: readFileSync(file, "utf8") };
      if (!opened.has(file)) send({ method: "textDocument/didOpen", params: { textDocument } });
      opened.add(file);
      const reply = await ask("textDocument/definition", { textDocument: { uri }, position: placeOf(text, file) });
      return (reply.result as Link[]).map(({ targetUri, targetSelectionRange, targetRange }) => ({
        file: fileURLToPath(targetUri),
        selection: targetSelectionRange,
        whole: targetRange,
      }));
    },
    close: () => child.kill(),
  };
}

function placeOf(text: string, file: string): Position {
  const lines = readFileSync(file, "utf8").split("\n");
  const line = lines.findIndex((candidate) => candidate.includes(text));
  return { line, character: (lines[line] ?? "").indexOf(text) };
}

// biome-ignore lint/suspicious/noExplicitAny: what a server says
type Message = any;

/**
 * Reads a server's messages, which have a head with their length.
 *
 * @param numberOf the number of the request that a message answers
 * @returns what waits for the answer to a request
 */
function listen(child: ChildProcess, numberOf: (message: Message) => number | undefined) {
  const waiting = new Map<number, (message: Message) => void>();
  let rest = Buffer.alloc(0);
  child.stdout?.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const head = rest.toString("latin1").match(/Content-Length: (\d+)\r\n\r\n/);
      const start = (head?.index ?? 0) + (head?.[0].length ?? 0);
      const end = start + Number(head?.[1]);
      if (!head || rest.length < end) return;
      const message = JSON.parse(rest.toString("utf8", start, end));
      rest = rest.subarray(end);
      waiting.get(numberOf(message) ?? -1)?.(message);
    }
  });
  return (request: number): Promise<Message> =>
    new Promise((resolve, reject) => {
      waiting.set(request, resolve);
      child.once("exit", (code) => reject(new Error(`The language server ended with code ${code}.`)));
    });
}
