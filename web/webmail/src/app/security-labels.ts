/** How a letter says which security label (보안등급) it carries, RFC 7444, and which letter it forwards. Pure. */
import type { Id } from '@smartmail/jmap/types.ts';

/** A label of the company, as the session tells it; the lowest `rank` is the least secret. */
export interface SecurityLabel {
  id: string;
  name: string;
  rank: number;
  /** Whether mail with it goes to other companies. */
  outside: 'allow' | 'approve' | 'refuse';
  /** What mail carries where nobody chose. */
  usual: boolean;
  /** Days after which mail with it counts as of the label `then`, or of none; 0: it stays. */
  term: number;
  then: string;
}

const DAY_MS = 86_400_000;

/** What a label counts as at a time, and until when; as policy/security_labels.py of the server works it out. */
export function asOf(
  labels: readonly SecurityLabel[],
  first: SecurityLabel | null,
  since: number,
  now: number,
): { label: SecurityLabel | null; until: number | null } {
  let [label, start] = [first, since];
  while (label && label.term > 0 && now >= start + label.term * DAY_MS) {
    const { term, then } = label;
    start += term * DAY_MS;
    label = labels.find(({ id }) => id === then) ?? null;
  }
  return { label, until: label && label.term > 0 ? start + label.term * DAY_MS : null };
}

export const LABEL_FIELD = 'header:SIO-Label:asText';
/** Why the writer asks for less than what the letter answers or forwards carries; it never leaves. */
export const LOWER_FIELD = 'header:X-SmartMail-Label-Reason:asText';
/** As other mail programs name it. */
export const FORWARDED_FIELD = 'header:X-Forwarded-Message-Id:asText';
const TYPE = 'https://smartmail.example/ns/security-label';

/** The marking for people is written by the server when the letter leaves. */
export const fieldOf = (label: string): string => `type="${TYPE}"; label="${label}"`;

/** The id of our own label in a field; empty: of another house, or none. */
export function labelIn(field: string): string {
  const valueOf = (name: string): string =>
    new RegExp(`(?:^|[;\\s])${name}="?(?<value>[^";\\s]+)`, 'u').exec(field)?.groups?.value ?? '';
  return valueOf('type') === TYPE ? valueOf('label') : '';
}

/** The most secret label of some fields that the company knows. */
export function labelOf(labels: readonly SecurityLabel[], fields: readonly string[]): SecurityLabel | null {
  const ids = fields.map(labelIn);
  const named = labels.filter(({ id }) => ids.includes(id));
  return named.reduce<SecurityLabel | null>((most, one) => (most && most.rank >= one.rank ? most : one), null);
}

/** What a writer may choose: nothing less than what the letter answers or forwards carries, unless they ask for it. */
export function choosable(labels: readonly SecurityLabel[], least: string | null, asks = false): SecurityLabel[] {
  if (asks) return [...labels];
  const floor = labels.find(({ id }) => id === least)?.rank ?? -1;
  return labels.filter(({ rank }) => rank >= floor);
}

/** What the letter will carry; null: no label. */
export function carried(
  labels: readonly SecurityLabel[],
  chosen: string,
  least: string | null,
  asks = false,
): SecurityLabel | null {
  const known = (id: string | null): SecurityLabel | undefined => labels.find((one) => one.id === id);
  const [wish, floor] = [known(chosen), known(least)];
  if (!wish && !floor) return labels.find(({ usual }) => usual) ?? null;
  if (asks && wish) return wish;
  return (wish?.rank ?? -1) > (floor?.rank ?? -1) ? (wish ?? null) : (floor ?? null);
}

export const bracketed = (ids: readonly Id[]): string => ids.map((id) => `<${id}>`).join(' ');
export const unbracketed = (field: string): Id[] =>
  [...field.matchAll(/<(?<id>[^<>]+)>/gu)].map((one) => one.groups?.id ?? '');
