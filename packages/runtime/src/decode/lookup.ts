/** Most tokens that are guessed at a time: eight tokens take a pass about twice as long as one. */
const maxGuess = 7;
/** Longest run of tokens that is looked up. */
const maxMatch = 3;

/**
 * Guesses how an answer goes on, from a place where the same tokens stood before: texts that are extracted or rewritten
 * repeat their input ("prompt lookup decoding", https://github.com/apoorvumang/prompt-lookup-decoding). The model then
 * checks all guessed tokens in one pass, so a wrong guess costs time and never changes an answer.
 *
 * @param tokens input and answer so far
 * @returns the tokens that followed the last occurrence of the longest run that ends `tokens`; none where there is no
 *   such place
 * @example
 * guessNext([5, 6, 7, 8, 1, 5, 6]); // [7, 8, 1, 5, 6]
 */
export function guessNext(tokens: readonly number[]): number[] {
  const end = tokens.length;
  for (let length = Math.min(maxMatch, end - 1); length > 0; length--) {
    for (let start = end - length - 1; start >= 0; start--) {
      let same = 0;
      while (same < length && tokens[start + same] === tokens[end - length + same]) same++;
      if (same === length) return tokens.slice(start + length, start + length + maxGuess);
    }
  }
  return [];
}
