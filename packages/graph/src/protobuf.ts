/**
 * The part of protobuf's wire format that writing an ONNX model needs: a field is a tag (number << 3 | wire type) and a
 * varint, four bytes, or length-prefixed bytes. (https://protobuf.dev/programming-guides/encoding)
 */
export class Message {
  private readonly chunks: Uint8Array[] = [];
  private size = 0;

  private push(bytes: Uint8Array): this {
    this.chunks.push(bytes);
    this.size += bytes.length;
    return this;
  }

  /** An int32, int64, enum or bool field. */
  int(field: number, value: number | bigint): this {
    return this.push(varint(field << 3)).push(varint(value));
  }

  /** A float field (four bytes, little-endian). */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.push(varint((field << 3) | 5)).push(bytes);
  }

  /** A bytes, string or embedded message field. */
  bytes(field: number, value: Uint8Array | string | Message): this {
    const body = typeof value === "string" ? new TextEncoder().encode(value) : value;
    const length = body instanceof Message ? body.size : body.length;
    this.push(varint((field << 3) | 2)).push(varint(length));
    if (body instanceof Message) for (const chunk of body.chunks) this.push(chunk);
    else this.push(body);
    return this;
  }

  /** The encoded message, in one piece. */
  finish(): Uint8Array {
    const out = new Uint8Array(this.size);
    let offset = 0;
    for (const chunk of this.chunks) {
      out.set(chunk, offset);
      offset += chunk.length;
    }
    return out;
  }
}

/** Seven bits a byte, low bits first; negative numbers as 64-bit two's complement. */
function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
