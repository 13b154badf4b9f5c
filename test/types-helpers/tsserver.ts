import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** A place as the server has it: 1-based. */
export interface Position {
  line: number;
  offset: number;
}

export interface Definition {
  file: string;
  start: Position;
  end: Position;
  contextStart?: Position;
  contextEnd?: Position;
}

/** The language server of a TypeScript that still has one of its own (up to 6), as editors run it. */
export interface TypeScriptServer {
  /** Where "go to definition" leads from the first place of a text in a file. */
  definitions(file: string, text: string): Promise<Definition[]>;
  close(): void;
}

export function startServer(tsserver: string, cwd: string): TypeScriptServer {
  const child = spawn(process.execPath, [tsserver, "--disableAutomaticTypingAcquisition"], { cwd });
  const opened = new Set<string>();
  let sequence = 0;
  const send = (command: string, args: object) => {
    child.stdin.write(`${JSON.stringify({ seq: ++sequence, type: "request", command, arguments: args })}\n`);
    return sequence;
  };
  return {
    async definitions(file, text) {
      if (!opened.has(file)) send("open", { file });
      opened.add(file);
      const lines = readFileSync(file, "utf8").split("\n");
      const line = lines.findIndex((candidate) => candidate.includes(text)) + 1;
      const offset = (lines[line - 1] ?? "").indexOf(text) + 1;
      const request = send("definitionAndBoundSpan", { file, line, offset });
      const { success, message, body } = await answer(child, request);
      if (!success) throw new Error(message);
      return body.definitions;
    },
    close: () => child.kill(),
  };
}

interface Response {
  success: boolean;
  message: string;
  body: { definitions: Definition[] };
}

/** Messages have a head (`Content-Length`) and a line of JSON. */
function answer(child: ChildProcess, request: number): Promise<Response> {
  return new Promise((resolve, reject) => {
    let rest = "";
    const listen = (chunk: Buffer) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (!line.startsWith("{")) continue;
        const message = JSON.parse(line);
        if (message.type !== "response" || message.request_seq !== request) continue;
        child.stdout?.off("data", listen);
        resolve(message);
      }
    };
    child.stdout?.on("data", listen);
    child.once("exit", (code) => reject(new Error(`tsserver ended with code ${code}.`)));
  });
}
