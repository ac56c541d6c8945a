/** Particles that depend on the last sound of a word. */

/** 으로 after a final consonant other than ㄹ, else 로. Words that do not end in Hangul take (으)로. */
export function withDirection(word: string): string {
  const code = word.charCodeAt(word.length - 1) - 0xac00;
  if (code < 0 || code >= 11_172) return `${word}(으)로`;
  const final = code % 28;
  return final === 0 || final === 8 ? `${word}로` : `${word}으로`;
}
