/** A rule as people make it, and how it reads in Sieve (RFC 5228). Pure. */
import type { Id } from '@smartmail/jmap/types.ts';

export const FIELDS = [
  'from',
  'to',
  'cc',
  'anyone',
  'subject',
  'body',
  'header',
  'size',
  'attachment',
  'country',
  'asn',
  'hops',
] as const;
export type Field = (typeof FIELDS)[number];
export const WORD_OPS = ['contains', 'lacks', 'is', 'isNot', 'begins', 'ends'] as const;
export type Op = (typeof WORD_OPS)[number] | 'over' | 'under' | 'more' | 'fewer' | 'has' | 'hasNot';

export interface Condition {
  field: Field;
  op: Op;
  value: string;
  /** Name of the header field, for `header`. */
  header?: string;
}

export type Match = 'all' | 'any';

/** Conditions that stand for one: (… or …). */
export interface ConditionGroup {
  match: Match;
  conditions: Condition[];
}

export type Test = Condition | ConditionGroup;

export type Action =
  | { kind: 'move' | 'copy'; mailboxId: Id; mailbox: string }
  | { kind: 'tag'; keyword: string }
  | { kind: 'star' | 'read' | 'trash' | 'keep' }
  | { kind: 'forward'; address: string };

export interface Rule {
  id: string;
  name: string;
  on: boolean;
  match: Match;
  tests: Test[];
  actions: Action[];
  /** No rule behind it is looked at when it matches. */
  stop: boolean;
}

export function isGroup(test: Test): test is ConditionGroup {
  return 'conditions' in test;
}

/** Which comparisons a field has; the first one is what a new condition begins with. */
export function opsOf(field: Field): readonly Op[] {
  if (field === 'size') return ['over', 'under'];
  if (field === 'attachment') return ['has', 'hasNot'];
  if (field === 'hops') return ['more', 'fewer'];
  if (field === 'country' || field === 'asn') return ['is', 'isNot'];
  return field === 'body' ? ['contains', 'lacks'] : WORD_OPS;
}

export function complete(rule: Rule): boolean {
  const conditions = rule.tests.flatMap((test) => (isGroup(test) ? test.conditions : [test]));
  const whole = (one: Condition): boolean =>
    (one.field === 'attachment' || one.value.trim() !== '') &&
    (one.field !== 'header' || /^[!-9;-~]+$/.test(one.header ?? '')) &&
    (one.field !== 'asn' || /^(AS)?\d{1,10}$/i.test(one.value.trim())) &&
    (one.field !== 'hops' || /^\d{1,3}$/.test(one.value.trim())) &&
    (one.field !== 'size' || Number(one.value) > 0);
  const acts = rule.actions.every((one) => {
    if (one.kind === 'move' || one.kind === 'copy') return one.mailboxId !== '';
    if (one.kind === 'tag') return one.keyword !== '';
    return one.kind !== 'forward' || /^\S+@\S+$/.test(one.address);
  });
  return rule.name.trim() !== '' && conditions.length > 0 && conditions.every(whole) && rule.actions.length > 0 && acts;
}

/** RFC 5228 §2.4.2: only these two are escaped. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
}

/** RFC 5228 §2.7.1: in :matches these are no letters. */
function literally(text: string): string {
  return text.replaceAll(/[\\*?]/g, String.raw`\$&`);
}

const HEADERS: Partial<Record<Field, string>> = {
  from: '"from"',
  to: '"to"',
  cc: '"cc"',
  anyone: '["to", "cc"]',
  subject: '"subject"',
};
const ADDRESSES: readonly Field[] = ['from', 'to', 'cc', 'anyone'];

function conditionText(one: Condition, needs: Set<string>): string {
  const negative = one.op === 'lacks' || one.op === 'isNot' || one.op === 'hasNot';
  return `${negative ? 'not ' : ''}${positive(one, needs)}`;
}

function positive(one: Condition, needs: Set<string>): string {
  const value = one.value.trim();
  if (one.field === 'size') return `size :${one.op === 'over' ? 'over' : 'under'} ${Math.round(Number(value))}K`;
  if (one.field === 'attachment') {
    needs.add('mime');
    return 'header :mime :anychild :contains "content-disposition" "attachment"';
  }
  if (one.field === 'body') {
    needs.add('body');
    return `body :text :contains ${quoted(value)}`;
  }
  if (one.field === 'country') {
    needs.add('vnd.smartmail.country');
    return `country ${quoted(value.toUpperCase())}`;
  }
  if (one.field === 'asn') {
    needs.add('vnd.smartmail.country');
    return `asn ${quoted(value.replace(/^as/i, ''))}`;
  }
  if (one.field === 'hops') {
    needs.add('vnd.smartmail.country').add('relational');
    return `hops :value "${one.op === 'more' ? 'gt' : 'lt'}" ${quoted(value)}`;
  }
  const name = one.field === 'header' ? quoted(one.header ?? '') : (HEADERS[one.field] ?? '');
  if (one.op === 'contains' || one.op === 'lacks') return `header :contains ${name} ${quoted(value)}`;
  if (one.op === 'begins') return `header :matches ${name} ${quoted(`${literally(value)}*`)}`;
  if (one.op === 'ends') return `header :matches ${name} ${quoted(`*${literally(value)}`)}`;
  // Of people the address is meant, not how the header writes it.
  return `${ADDRESSES.includes(one.field) ? 'address' : 'header'} :is ${name} ${quoted(value)}`;
}

function testsText(match: Match, tests: readonly string[]): string {
  if (tests.length === 0) return 'true';
  if (tests.length === 1 && tests[0]) return tests[0];
  return `${match === 'all' ? 'allof' : 'anyof'}(${tests.join(', ')})`;
}

function actionText(one: Action, needs: Set<string>): string {
  switch (one.kind) {
    case 'move':
    case 'copy': {
      needs.add('fileinto').add('mailboxid');
      if (one.kind === 'copy') needs.add('copy');
      // The id finds it under any name; the name is for programs that know no ids (RFC 9042 §4).
      return `fileinto ${one.kind === 'copy' ? ':copy ' : ''}:mailboxid ${quoted(one.mailboxId)} ${quoted(one.mailbox)};`;
    }
    case 'trash':
      needs.add('fileinto').add('special-use');
      return String.raw`fileinto :specialuse "\\Trash" "Trash";`;
    case 'tag':
      needs.add('imap4flags');
      return `addflag ${quoted(one.keyword)};`;
    case 'star':
      needs.add('imap4flags');
      return String.raw`addflag "\\Flagged";`;
    case 'read':
      needs.add('imap4flags');
      return String.raw`addflag "\\Seen";`;
    case 'keep':
      return 'keep;';
    case 'forward':
      needs.add('copy');
      return `redirect :copy ${quoted(one.address)};`;
  }
}

/** Marks come before places: a flag is put on what is filed behind it (RFC 5232 §3). */
const ORDER: readonly Action['kind'][] = ['tag', 'star', 'read', 'forward', 'copy', 'move', 'trash', 'keep'];

/** The commands of a rule, and the extensions that they need. Lines end in CRLF. */
export function sieveOf(rule: Rule): { text: string; needs: Set<string> } {
  const needs = new Set<string>();
  const tests = rule.tests.map((test) =>
    isGroup(test)
      ? testsText(
          test.match,
          test.conditions.map((one) => conditionText(one, needs)),
        )
      : conditionText(test, needs),
  );
  const actions = rule.actions
    .toSorted((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind))
    .map((one) => actionText(one, needs));
  const lines = [
    `if ${testsText(rule.match, tests)} {`,
    ...actions.map((line) => `  ${line}`),
    ...(rule.stop ? ['  stop;'] : []),
    '}',
  ];
  return { text: lines.map((line) => `${line}\r\n`).join(''), needs };
}
