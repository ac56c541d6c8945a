/** Limits of destinations as rows and as the API has them. Pure: the screen draws them. */
import type { DestinationLimit, QueueRules } from '../../api/types.ts';
import { text, type Values } from '../../app/forms.ts';

export interface Limit extends DestinationLimit {
  domain: string;
}

/** By name, what holds for everybody (`*`) last. */
export function limitsOf(rules: QueueRules): Limit[] {
  const rows = Object.entries(rules.destinations).map(([domain, one]) => ({ domain, ...one }));
  return rows.toSorted(
    (one, other) => Number(one.domain === '*') - Number(other.domain === '*') || one.domain.localeCompare(other.domain),
  );
}

export function limitBody(values: Values): object {
  return {
    connections: Number(text(values, 'connections')),
    perMinute: Number(text(values, 'perMinute')),
    source: text(values, 'source'),
  };
}
