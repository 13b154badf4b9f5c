// IEEE 754 binary16 ("f16"). Written out because the oldest supported engines (Node 20) have no Float16Array.

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The f16 bit pattern nearest to `value`, ties to even; magnitudes from 65520 on become infinity, NaN stays NaN. */
export function toHalf(value: number): number {
  float[0] = value;
  const word = bits[0] as number;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal: float32 numbers in [0.5, 1) are 2^-24 apart, as f16 subnormals are, so the addition does the rounding.
    float[0] = Math.abs(float[0] as number) + 0.5;
    return sign | ((bits[0] as number) - 0x3f000000);
  }
  // Normal: re-bias the exponent and add just under half a unit, or a full half when the kept last bit is odd.
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

/** The number that an f16 bit pattern stands for. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  bits[0] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13);
  bits[0] += 0x38000000;
  return float[0] as number;
}
