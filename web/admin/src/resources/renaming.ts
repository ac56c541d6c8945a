/** A domain that gets another name: what it would do, then doing it. */
import { call } from '../api/client.ts';
import type { AddressMapping, DomainRename, Domain } from '../api/types.ts';
import { type Field, filled, text, type Values } from '../app/forms.ts';
import { t } from '../app/language.svelte.ts';
import type { Act } from '../app/resource.ts';
import { count } from '../app/show.ts';

/** How many of a long list are named. */
const NAMED = 20;

function clashing(list: readonly AddressMapping[]): string {
  if (list.length === 0) return '';
  const lines = list.slice(0, NAMED).map((one) => `${one.address} → ${one.becomes}`);
  if (list.length > NAMED) lines.push(t('merging.more', { number: count(list.length - NAMED) }));
  return [t('merging.clashes', { number: count(list.length) }), ...lines].join('\n');
}

export function renamingWords(one: DomainRename): string {
  return [
    t('merging.accounts', { people: count(one.accounts) }),
    one.moves.length ? t('merging.moves', { number: count(one.moves.length) }) : '',
    clashing(one.clashes),
  ]
    .filter(Boolean)
    .join('\n');
}

const reason: Field = { name: 'reason', label: 'form.reason', kind: 'long', hint: 'merging.reasonHint' };
const renamingBody = (values: Values, apply: boolean): object => ({
  domain: text(values, 'domain').toLowerCase(),
  months: Number(text(values, 'months')),
  apply,
  ...filled({ reason: text(values, 'reason') }),
});

export const rename: Act<Domain> = {
  label: 'merging.rename',
  permission: 'domain.change',
  fits: (row) => row.state === 'active',
  warning: 'merging.renameText',
  fields: () => [
    { name: 'domain', label: 'merging.newDomain', needed: true, hint: 'merging.newDomainHint' },
    { name: 'months', label: 'merging.months', kind: 'number', needed: true, begin: '6', least: 0, most: 36, hint: 'merging.renameMonthsHint' },
    reason,
  ], // prettier-ignore
  rehearse: async (row, values) => {
    const body = renamingBody(values, false);
    return renamingWords((await call<DomainRename>('POST', `/domains/${row.name}/rename`, { body })).value);
  },
  run: async (row, values) => {
    const body = renamingBody(values, true);
    const told = (await call<DomainRename>('POST', `/domains/${row.name}/rename`, { body })).value;
    return { text: told.proposalId ? t('merging.waits') : t('merging.renamed', { number: count(told.done) }) };
  },
};
