/**
 * Added to the score of what must not be seen (attention) or chosen (answers): finite, so that a softmax over nothing
 * else is no NaN.
 */
export const masked = -1e9;
