/** What numbers a type has. */
export interface NumeralForm {
  isInteger: boolean;
  minimum?: number;
  maximum?: number;
}

/** Most digits on either side of the point: more tell no two numbers apart. */
const [most, fine] = [21, 17];
/** Numbers are counted in units of the last digit that may be written, so that comparing them is exact. */
const unit = 10n ** BigInt(fine);

/** Whether a text is the beginning of a number of a range, without an exponent. A whole number is its own beginning. */
export function startsInRange(text: string, { isInteger, minimum, maximum }: NumeralForm): boolean {
  const parts = /^(-?)(?:(0|[1-9]\d*)(?:(\.)(\d*))?)?$/.exec(text);
  if (!parts) return false;
  const [, sign, whole, point, fraction = ""] = parts;
  if (point && isInteger) return false;
  if ((whole?.length ?? 0) > most || fraction.length > fine) return false;
  const least = minimum === undefined ? -unit * 10n ** BigInt(most) : inUnits(minimum, "up");
  const greatest = maximum === undefined ? unit * 10n ** BigInt(most) : inUnits(maximum, "down");
  /** Whether one of the numbers from `from` on, `count` of them, behind the sign, is in the range. */
  const meets = (from: bigint, count: bigint) =>
    sign ? -from >= least && -(from + count - 1n) <= greatest : from <= greatest && from + count - 1n >= least;
  if (whole === undefined) return meets(0n, unit * 10n ** BigInt(most));
  if (point) {
    const from = BigInt(whole + fraction) * 10n ** BigInt(fine - fraction.length);
    return meets(from, 10n ** BigInt(fine - fraction.length));
  }
  // The number as it is, with a fraction, or with more digits before the point.
  const from = BigInt(whole) * unit;
  if (meets(from, isInteger ? 1n : unit)) return true;
  if (whole === "0") return false;
  for (let more = 1; whole.length + more <= most; more++) {
    const power = 10n ** BigInt(more);
    if (meets(from * power, (isInteger ? power - 1n : power) * unit + (isInteger ? 1n : 0n))) return true;
  }
  return false;
}

/** Whether a text is a number of a range. */
export function isInRange(text: string, form: NumeralForm): boolean {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = form;
  const value = /\d$/.test(text) ? Number(text) : Number.NaN;
  return startsInRange(text, form) && value >= minimum && value <= maximum;
}

/** A number in units, rounded to them. */
function inUnits(value: number, rounded: "up" | "down"): bigint {
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(
    String(value),
  ) as RegExpExecArray;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const shift = Number(exponent) - fraction.length + fine;
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  // (BigInt division rounds to zero.)
  const towardsZero = digits / divisor;
  const rest = digits % divisor;
  if (rest === 0n || rest > 0n !== (rounded === "up")) return towardsZero;
  return towardsZero + (rounded === "up" ? 1n : -1n);
}
