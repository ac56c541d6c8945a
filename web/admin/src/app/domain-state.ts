/** What a list says of a domain: its own state, and where that is well what DNS said when it was last asked. */
import type { Domain } from '../api/types.ts';
import { known, t } from './language.svelte.ts';
import type { Tone } from './resource.ts';

type Told = Pick<Domain, 'state' | 'dns' | 'lacking'>;

export const purposeWord = (purpose: string): string => known(`dnsPurpose.${purpose}`);

export function domainWord(row: Told): string {
  if (row.state !== 'active') return known(`state.${row.state}`);
  if (row.dns === 'incomplete') return t('domainDns.incomplete', { records: row.lacking.map(purposeWord).join(', ') });
  return known(`domainDns.${row.dns}`);
}

/** Green only where everything that is needed was found. */
export function domainTone(row: Told): Tone {
  if (row.state !== 'active') return 'warn';
  return row.dns === 'complete' ? 'ok' : row.dns === 'incomplete' ? 'warn' : 'quiet';
}
