/** What can be done with an account. */
import { call } from '../../api/client.ts';
import type {
  Account,
  PersonChangeResult as Changed,
  EndedSessions,
  SetupLink,
  OperationOutcome,
} from '../../api/types.ts';
import { filled, gigabytes, moment, octetsOf, text } from '../../app/forms.ts';
import { t } from '../../app/language.svelte.ts';
import { departments } from '../../app/names.svelte.ts';
import { setupLink } from '../../app/links.ts';
import type { Act } from '../../app/resource.ts';
import { outcome } from '../../resources/organization.ts';

const at = (row: Account): string => `/accounts/${row.id}`;
const isOpen = (row: Account): boolean => row.state !== 'closed';

export const basics: Act<Account>[] = [
  {
    label: 'people.change',
    permission: 'account.change',
    fits: isOpen,
    fields: (row) => [
      { name: 'name', label: 'people.name', needed: true, begin: row.name },
      {
        name: 'department',
        label: 'people.department',
        kind: 'choice',
        begin: departments.rows.find((one) => one.name === row.department)?.code ?? '',
        options: ['', ...departments.rows.map((one) => one.code)],
        word: (code) => departments.rows.find((one) => one.code === code)?.name ?? t('value.none'),
      },
      { name: 'position', label: 'people.title', begin: row.title },
      { name: 'at', label: 'changes.applyAt', kind: 'moment', hint: 'people.changeAtHint' },
    ],
    run: async (row, values) => {
      const code = text(values, 'department');
      const body = {
        ...filled({ at: moment(values, 'at') }),
        name: text(values, 'name'),
        position: text(values, 'position'),
        seats: code ? [{ department: code }] : [],
      };
      const done = (await call<Changed>('PATCH', `${at(row)}/person`, { body })).value;
      return done.plannedId ? { text: t('people.planned') } : {};
    },
  },
  {
    label: 'people.changeQuota',
    permission: 'account.change',
    fields: (row) => [
      {
        name: 'quota',
        label: 'people.quota',
        kind: 'gigabytes',
        begin: gigabytes(row.quota),
        hint: 'people.quotaHint',
      },
    ],
    run: async (row, values, etag) => {
      await call('PATCH', at(row), { body: { quota: octetsOf(values, 'quota') }, etag });
    },
  },
  {
    label: 'stops.new',
    permission: 'defence.change',
    fits: isOpen,
    fields: () => [{ name: 'reason', label: 'form.reason', needed: true }],
    run: async (row, values) => {
      await call('PUT', `/sending-blocks/${row.id}`, { reason: text(values, 'reason') });
    },
  },
  {
    label: 'people.close',
    permission: 'account.change',
    look: 'bad',
    fits: isOpen,
    warning: 'people.closeText',
    fields: () => [{ name: 'reason', label: 'form.reason', needed: true }],
    run: async (row, values, etag) => {
      await call('PATCH', at(row), { body: { state: 'closed' }, etag, reason: text(values, 'reason') });
    },
  },
  {
    label: 'people.reopen',
    permission: 'account.change',
    fits: (row) => !isOpen(row),
    run: async (row, _values, etag) => {
      await call('PATCH', at(row), { body: { state: 'active' }, etag });
    },
  },
];

export const secrets: Act<Account>[] = [
  {
    label: 'people.endAll',
    permission: 'account.sessions',
    warning: 'people.endAllText',
    run: async (row) => {
      const ended = (await call<EndedSessions>('POST', `${at(row)}/end-sessions`)).value;
      return { text: t('people.ended', { count: ended.ended }) };
    },
  },
  {
    label: 'people.link',
    permission: 'account.secrets',
    fits: isOpen,
    run: async (row) => ({
      text: t('people.linkText'),
      secret: setupLink((await call<SetupLink>('POST', `${at(row)}/setup-link`)).value, location),
    }),
  },
  {
    label: 'people.resetFactors',
    permission: 'account.secrets',
    look: 'bad',
    warning: 'people.resetFactorsText',
    fields: () => [{ name: 'reason', label: 'form.reason', needed: true }],
    run: async (row, values) => {
      const body = { reason: text(values, 'reason') };
      return outcome((await call<OperationOutcome>('POST', `${at(row)}/factor-reset`, { body })).value);
    },
  },
];

export const addressing: Act<Account>[] = [
  {
    label: 'people.addAddress',
    permission: 'account.change',
    fields: () => [{ name: 'address', label: 'people.address', kind: 'email', needed: true }],
    run: async (row, values) => {
      await call('POST', `${at(row)}/addresses`, { body: { address: text(values, 'address').toLowerCase() } });
    },
  },
];
