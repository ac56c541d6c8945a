/** All companies of the installation, for who administers it: a new one with its domain and first administrator. */
import { call } from '../api/client.ts';
import type { CloseResult, CompanyCreated, Company } from '../api/types.ts';
import { text } from '../app/forms.ts';
import { known, t } from '../app/language.svelte.ts';
import type { Resource } from '../app/resource.ts';
import { session } from '../app/session.svelte.ts';
import { count } from '../app/show.ts';

export const companies: Resource<Company> = {
  id: 'companies',
  text: 'companies.text',
  path: '/companies',
  key: (row) => row.id,
  title: (row) => row.name,
  columns: [
    { name: 'people.name', show: (row) => row.name },
    { name: 'people.state', show: (row) => known(`state.${row.state}`), kind: 'wide', tone: (row) => (row.state === 'active' ? 'ok' : 'quiet') },
    { name: 'domains.name', show: (row) => row.domains.join(', ') },
  ], // prettier-ignore
  facts: (row) => [
    [t('people.state'), known(`state.${row.state}`)],
    [t('domains.name'), row.domains.join('\n') || t('value.none')],
  ],
  acts: [
    {
      label: 'companies.close',
      permission: 'company.change',
      look: 'bad',
      warning: 'companies.closeText',
      fits: (row) => row.state === 'active' && row.id !== session.me.organizationId,
      run: async (row) => {
        const closed = (await call<CloseResult>('POST', `/companies/${row.id}/close`)).value;
        return { text: t('companies.closed', { count: count(closed.accounts) }) };
      },
    },
  ],
  making: {
    label: 'companies.new',
    permission: 'company.change',
    text: 'companies.newText',
    fields: () => [
      { name: 'name', label: 'companies.name', needed: true, hint: 'companies.nameHint' },
      { name: 'domain', label: 'domains.name', needed: true },
      { name: 'person', label: 'companies.person', needed: true, hint: 'companies.personHint' },
      { name: 'local', label: 'companies.local', needed: true, hint: 'companies.localHint' },
    ],
    run: async (values) => {
      const body = {
        name: text(values, 'name'),
        domain: text(values, 'domain').toLowerCase(),
        person: text(values, 'person'),
        local: text(values, 'local'),
      };
      const made = (await call<CompanyCreated>('POST', '/companies', { body })).value;
      return { text: t('companies.made', { name: made.name, login: made.login }), secret: made.url || made.token };
    },
  },
};
