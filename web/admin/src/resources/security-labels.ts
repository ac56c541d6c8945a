/** Security labels (보안등급) of the company: their order, and whether mail with them leaves. */
import { call } from '../api/client.ts';
import type { SecurityLabel } from '../api/types.ts';
import { type Field, flag, text, type Values } from '../app/forms.ts';
import { known, t } from '../app/language.svelte.ts';
import type { Resource, Tone } from '../app/resource.ts';
import { count } from '../app/show.ts';

const OUTSIDE = ['allow', 'approve', 'refuse'] as const;
const TONES: Partial<Record<string, Tone>> = { allow: 'ok', approve: 'warn', refuse: 'bad' };
const at = (id: string): string => `/security-labels/${encodeURIComponent(id)}`;
const onOff = (on: boolean): string => t(on ? 'value.on' : 'value.off');

const labelFields = (row?: SecurityLabel): Field[] => [
  ...(row ? [] : [{ name: 'id', label: 'labels.id', needed: true, hint: 'labels.idHint' } as Field]),
  { name: 'name', label: 'labels.name', needed: true, begin: row?.name ?? '', hint: 'labels.nameHint' },
  { name: 'rank', label: 'labels.rank', kind: 'number', needed: true, begin: String(row?.rank ?? 10), least: 0, most: 99, hint: 'labels.rankHint' },
  { name: 'outside', label: 'labels.outside', kind: 'choice', options: OUTSIDE, begin: row?.outside ?? 'allow', word: (one) => known(`labelOutside.${one}`), hint: 'labels.outsideHint' },
  { name: 'line', label: 'labels.line', begin: row?.line ?? '', hint: 'labels.lineHint' },
  { name: 'term', label: 'labels.term', kind: 'number', needed: true, begin: String(row?.term ?? 0), least: 0, most: 36_500, hint: 'labels.termHint' },
  { name: 'then', label: 'labels.then', begin: row?.then ?? '', hint: 'labels.thenHint' },
  { name: 'mark', label: 'labels.mark', kind: 'flag', begin: row?.mark ?? false, hint: 'labels.markHint' },
  { name: 'usual', label: 'labels.usual', kind: 'flag', begin: row?.usual ?? false, hint: 'labels.usualHint' },
]; // prettier-ignore

const labelOf = (values: Values): object => ({
  name: text(values, 'name'),
  rank: Number(text(values, 'rank')),
  outside: text(values, 'outside'),
  line: text(values, 'line'),
  term: Number(text(values, 'term')),
  then: text(values, 'then'),
  mark: flag(values, 'mark'),
  usual: flag(values, 'usual'),
});

export const securityLabels: Resource<SecurityLabel> = {
  id: 'securityLabels',
  text: 'labels.text',
  empty: 'labels.empty',
  path: '/security-labels',
  key: (row) => row.id,
  title: (row) => row.name,
  arrange: (rows) => rows.toSorted((a, b) => a.rank - b.rank),
  columns: [
    { name: 'labels.name', show: (row) => row.name },
    { name: 'labels.outside', show: (row) => known(`labelOutside.${row.outside}`), tone: (row) => TONES[row.outside] ?? 'quiet', kind: 'wide' },
    { name: 'labels.rank', show: (row) => count(row.rank), kind: 'number' },
    { name: 'labels.usual', show: (row) => (row.usual ? onOff(true) : '') },
  ], // prettier-ignore
  facts: (row) => [
    [t('labels.id'), row.id],
    [t('labels.rank'), count(row.rank)],
    [t('labels.outside'), known(`labelOutside.${row.outside}`)],
    [t('labels.line'), row.line || t('leak.noLine')],
    [t('labels.term'), row.term > 0 ? t('labels.days', { count: row.term }) : t('labels.never')],
    ...(row.term > 0 ? [[t('labels.then'), row.then || t('labels.noLabel')] as [string, string]] : []),
    [t('labels.mark'), onOff(row.mark)],
    [t('labels.usual'), onOff(row.usual)],
  ],
  acts: [
    {
      label: 'action.change',
      permission: 'policy.change',
      fields: labelFields,
      run: async (row, values) => {
        await call('PUT', at(row.id), { body: labelOf(values) });
      },
    },
    {
      label: 'action.delete',
      permission: 'policy.change',
      look: 'bad',
      warning: 'labels.deleteText',
      run: async (row) => {
        await call('DELETE', at(row.id));
        return { go: '/securityLabels' };
      },
    },
  ],
  making: {
    label: 'labels.new',
    permission: 'policy.change',
    fields: () => labelFields(),
    run: async (values) => {
      await call('PUT', at(text(values, 'id')), { body: labelOf(values) });
    },
  },
};
