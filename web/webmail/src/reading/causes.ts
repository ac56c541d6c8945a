/** What may stand above a letter, the most severe first: one of them is told, the rest waits behind it. Pure. */

/** Somebody pretends; nothing proves who sent it; nobody answered; it was never sent; a stranger;
    it comes back; pictures wait; it is a list that can be left. */
const ORDER = ['impostor', 'doubtful', 'unanswered', 'draft', 'first', 'reminder', 'pictures', 'unsubscribe'] as const;
export type Cause = (typeof ORDER)[number];

/** Nothing stands before these, and what they ask for is not offered beside them. */
export const DANGEROUS: ReadonlySet<Cause> = new Set(['impostor', 'doubtful']);

/** Those that there are, in words for whoever hears the page; the loudest first. */
export function causesOf(said: Partial<Record<Cause, string | null | undefined>>): { cause: Cause; words: string }[] {
  return ORDER.flatMap((cause) => (said[cause] ? [{ cause, words: said[cause] }] : []));
}
