/** A range of one source, as offsets into its normalised text; `end` is exclusive. */
export interface Place {
  source: Source;
  start: number;
  end: number;
}

/** A place as people and terminals write it: 1-based lines and columns (UTF-16 units); the end is exclusive. */
export interface Location {
  file: string;
  line: number;
  column: number;
  endLine?: number;
  endColumn?: number;
}

/**
 * One text with its positions. The text has no byte order mark and only `\n` as line break: neither moves a column, so
 * every position is also right for the file as it lies on disk.
 */
export class Source {
  readonly file: string;
  readonly text: string;
  /** No line of it is shown: it lies outside of the project. */
  readonly secret: boolean;
  readonly #lineStarts: number[] = [0];

  constructor(file: string, raw: string, secret = false) {
    this.file = file;
    this.secret = secret;
    this.text = raw.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
    for (let at = this.text.indexOf("\n"); at >= 0; at = this.text.indexOf("\n", at + 1)) this.#lineStarts.push(at + 1);
  }

  get lineCount(): number {
    return this.#lineStarts.length;
  }

  /** Offset of the first character of a 1-based line. */
  lineStart(line: number): number {
    return this.#lineStarts[line - 1] ?? this.text.length;
  }

  /** Text of a 1-based line, without its line break. */
  line(line: number): string {
    const next = this.#lineStarts[line];
    return this.text.slice(this.lineStart(line), next === undefined ? this.text.length : next - 1);
  }

  /** The 1-based line of an offset. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** A range without the white space at its end. */
  place(start: number, end: number = start): Place {
    let last = Math.min(end, this.text.length);
    while (last > start && /\s/.test(this.text[last - 1] as string)) last--;
    return { source: this, start: Math.min(start, this.text.length), end: last };
  }

  /** The whole of a 1-based line. */
  linePlace(line: number): Place {
    const start = this.lineStart(line);
    return this.place(start, start + this.line(line).length);
  }
}

/** Turns a range into lines and columns. */
export function locate(place: Place): Location {
  const { source, start, end } = place;
  const line = source.lineAt(start);
  const location: Location = { file: source.file, line, column: start - source.lineStart(line) + 1 };
  if (end <= start) return location;
  const endLine = source.lineAt(end);
  return { ...location, endLine, endColumn: end - source.lineStart(endLine) + 1 };
}
