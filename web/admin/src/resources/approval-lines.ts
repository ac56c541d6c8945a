/** Approval lines (결재선) of the company: who decides about held mail, step after step. */
import { call } from '../api/client.ts';
import type { ApprovalLine } from '../api/types.ts';
import { known, t } from '../app/language.svelte.ts';
import { leakRules } from '../app/names.svelte.ts';
import type { Resource } from '../app/resource.ts';
import { exactly } from '../app/show.ts';
import { stepOf, stepWords, timeWords } from '../screens/approvals/steps.ts';

const whenWords = (row: ApprovalLine): string => known(`lineWhen.${row.afterwards ? 'after' : 'before'}`);
const onOff = (on: boolean): string => t(on ? 'value.on' : 'value.off');
const numbered = (row: ApprovalLine): string[] => row.steps.map((one, at) => `${String(at + 1)}. ${stepWords(one)}`);
const usedBy = (row: ApprovalLine): string =>
  leakRules.rows
    .filter((one) => one.actions.includes(`approve:${row.name}`))
    .map((one) => one.name)
    .join('\n') || t('line.unused');

export const approvalLines: Resource<ApprovalLine> = {
  id: 'approvalLines',
  text: 'line.text',
  empty: 'line.empty',
  path: '/approval-lines',
  key: (row) => row.id,
  title: (row) => row.name,
  arrange: (rows) => rows.toSorted((a, b) => a.name.localeCompare(b.name)),
  columns: [
    { name: 'line.name', show: (row) => row.name },
    { name: 'line.steps', show: (row) => numbered(row).join('  '), kind: 'wide' },
    { name: 'line.when', show: whenWords },
  ],
  facts: (row) => [
    ...row.steps.map((one, at): [string, string] => [
      t('line.step', { number: at + 1 }),
      `${stepWords(one)}\n${timeWords(stepOf(one))}`,
    ]),
    [t('line.when'), whenWords(row)],
    [t('line.clock'), onOff(row.clock)],
    [t('line.hideSubject'), onOff(row.hideSubject)],
    [t('line.usedBy'), usedBy(row)],
    [t('line.madeAt'), exactly(row.createdAt)],
  ],
  acts: [
    {
      label: 'line.remove',
      permission: 'policy.change',
      look: 'bad',
      warning: 'line.removeText',
      run: async (row) => {
        await call('DELETE', `/approval-lines/${row.id}`);
        return { go: '/approvalLines' };
      },
    },
  ],
  making: {
    label: 'line.new',
    permission: 'policy.change',
    fields: () => [],
    run: () => Promise.resolve(),
    form: () => import('../screens/approvals/LineForm.svelte'),
  },
  more: () => import('../details/ApprovalLineMore.svelte'),
};
