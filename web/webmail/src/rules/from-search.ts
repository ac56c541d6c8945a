/** A search as the conditions of a rule: what mail is looked for is what mail is sorted. Pure. */
import { type Chip, takeApart } from '../app/search-line.ts';
import type { Condition, Test } from './rule.ts';

export interface Sorted {
  tests: Test[];
  /** Parts that a rule cannot ask of mail that is just coming in: whether it was read, where it lies, how old it is. */
  left: string[];
}

const TEXTS = { 'search.from': 'from', 'search.to': 'to', 'search.subject': 'subject', 'search.body': 'body' } as const;
const KIB: Record<string, number> = { '': 1 / 1024, k: 1, m: 1024, g: 1024 * 1024 };

export function testsOf(line: string): Sorted {
  // Groups and OR stay text for the eyes; a rule would mean something else by them.
  if (/[()]|(^|\s)(OR|NOT|\|)(\s|$)/.test(line)) return { tests: [], left: [line] };
  const { chips, rest } = takeApart(line);
  const tests: Test[] = [];
  const left: string[] = [];
  for (const chip of chips) {
    const condition = conditionOf(chip);
    if (condition) tests.push(condition);
    else left.push(chip.token);
  }
  for (const [token] of rest.matchAll(/-?"[^"]+"|\S+/g)) {
    const value = token.replace(/^-/, '').replaceAll('"', '');
    if (value !== '') tests.push(anywhere(value, token.startsWith('-') && token.length > 1));
  }
  return { tests, left };
}

/** A word of no operator: in the subject or in the text; kept out, in neither. */
function anywhere(value: string, not: boolean): Test {
  const op = not ? 'lacks' : 'contains';
  const conditions = (['subject', 'body'] as const).map((field) => ({ field, op, value }) satisfies Condition);
  return { match: not ? 'all' : 'any', conditions };
}

function conditionOf({ label, value, not }: Chip): Condition | null {
  const field = label in TEXTS ? TEXTS[label as keyof typeof TEXTS] : null;
  if (field) return { field, op: not ? 'lacks' : 'contains', value };
  if (label === 'filter.attachment') return { field: 'attachment', op: not ? 'hasNot' : 'has', value: '' };
  if (label !== 'search.larger') return null;
  const [, digits, unit = ''] = /^>?(\d{1,12})\s*([kmg]?)i?b?$/i.exec(value) ?? [];
  const kib = Math.round(Number(digits) * (KIB[unit.toLowerCase()] ?? 0));
  return kib > 0 ? { field: 'size', op: not ? 'under' : 'over', value: String(kib) } : null;
}
