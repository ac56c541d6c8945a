/** Ways of mail to and from others: routes of own domains, smarthosts, TLS with partners, journals, ACME. */
import { call } from '../api/client.ts';
import type {
  AcmeCertificate,
  TlsException,
  Journal,
  TlsPartner,
  DomainRoute,
  Title,
  SmarthostRoute,
} from '../api/types.ts';
import { type Field, flag, lines, local, moment, text, type Values } from '../app/forms.ts';
import { known, t } from '../app/language.svelte.ts';
import type { Resource } from '../app/resource.ts';
import { count, exactly, when } from '../app/show.ts';

const at = (kind: string, name: string): string => `/${kind}/${encodeURIComponent(name)}`;
const yes = (value: boolean): string => t(value ? 'value.on' : 'value.off');
const hostFields = (host: string, port: string): Field[] => [
  { name: 'host', label: 'ways.host', needed: true, begin: host },
  { name: 'port', label: 'ways.port', kind: 'number', needed: true, begin: port, least: 1, most: 65_535 },
  { name: 'username', label: 'ways.username' },
  { name: 'password', label: 'ways.password', kind: 'secret' },
  { name: 'verifyTls', label: 'ways.verify', kind: 'flag', begin: true },
];
const smarthostOf = (values: Values): object => ({
  host: text(values, 'host'),
  port: Number(values.port),
  username: text(values, 'username'),
  password: text(values, 'password'),
  verifyTls: flag(values, 'verifyTls'),
});

export const routes: Resource<DomainRoute> = {
  id: 'routes',
  text: 'routes.text',
  path: '/routes',
  key: (row) => row.domain,
  title: (row) => row.domain,
  one: (row) => at('routes', row.domain),
  columns: [
    { name: 'domains.name', show: (row) => row.domain },
    { name: 'ways.smarthost', show: (row) => row.smarthost?.host ?? t('ways.direct'), kind: 'wide' },
    { name: 'routes.aliasOf', show: (row) => row.aliasOf },
  ],
  facts: (row) => [
    [t('ways.smarthost'), row.smarthost ? `${row.smarthost.host}:${String(row.smarthost.port)}` : t('ways.direct')],
    [t('routes.aliasOf'), row.aliasOf],
    [t('routes.subaddress'), yes(row.subaddress)],
    [t('routes.relay'), (row.relay?.hosts ?? []).map((one) => `${one.host}:${String(one.port)}`).join('\n')],
    [t('routes.other'), (row.other?.hosts ?? []).map((one) => `${one.host}:${String(one.port)}`).join('\n')],
    [t('routes.journal'), row.journal],
  ],
  acts: [
    {
      label: 'routes.setSmarthost',
      permission: 'domain.change',
      fields: (row) => hostFields(row.smarthost?.host ?? '', String(row.smarthost?.port ?? 587)),
      run: async (row, values, etag) => {
        await call('PATCH', at('routes', row.domain), { body: { smarthost: smarthostOf(values) }, etag });
      },
    },
    {
      label: 'routes.goDirect',
      permission: 'domain.change',
      fits: (row) => row.smarthost !== null,
      run: async (row, _values, etag) => {
        await call('PATCH', at('routes', row.domain), { body: { smarthost: null }, etag });
      },
    },
    {
      label: 'routes.setSubaddress',
      permission: 'domain.change',
      fields: (row) => [{ name: 'on', label: 'routes.subaddress', kind: 'flag', begin: row.subaddress }],
      run: async (row, values, etag) => {
        await call('PATCH', at('routes', row.domain), { body: { subaddress: flag(values, 'on') }, etag });
      },
    },
  ],
};

export const ways: Resource<SmarthostRoute> = {
  id: 'ways',
  text: 'ways.text',
  empty: 'ways.empty',
  path: '/smarthosts',
  key: (row) => row.domain,
  title: (row) => row.domain,
  columns: [
    { name: 'ways.domain', show: (row) => row.domain },
    { name: 'ways.host', show: (row) => `${row.smarthost.host}:${String(row.smarthost.port)}`, kind: 'wide' },
    { name: 'ways.verify', show: (row) => yes(row.smarthost.verifyTls) },
  ],
  acts: [
    {
      label: 'action.delete',
      permission: 'queue.change',
      look: 'bad',
      warning: 'ways.deleteText',
      run: async (row) => {
        await call('DELETE', at('smarthosts', row.domain));
        return { go: '/ways' };
      },
    },
  ],
  making: {
    label: 'ways.new',
    permission: 'queue.change',
    fields: () => [{ name: 'domain', label: 'ways.domain', needed: true }, ...hostFields('', '25')],
    run: async (values) => {
      await call('PUT', at('smarthosts', text(values, 'domain')), { body: smarthostOf(values) });
    },
  },
};

export const partners: Resource<TlsPartner> = {
  id: 'partners',
  text: 'partners.text',
  empty: 'partners.empty',
  path: '/tls-partners',
  key: (row) => row.domain,
  title: (row) => row.domain,
  columns: [
    { name: 'partners.domain', show: (row) => row.domain },
    { name: 'partners.minimum', show: (row) => `TLS ${row.minimum}`, kind: 'wide' },
    { name: 'partners.defer', show: (row) => yes(row.defer) },
  ],
  acts: [
    {
      label: 'action.delete',
      permission: 'queue.change',
      look: 'bad',
      warning: 'partners.deleteText',
      run: async (row) => {
        await call('DELETE', at('tls-partners', row.domain));
        return { go: '/partners' };
      },
    },
  ],
  making: {
    label: 'partners.new',
    permission: 'queue.change',
    fields: () => [
      { name: 'domain', label: 'partners.domain', needed: true },
      { name: 'minimum', label: 'partners.minimum', kind: 'choice', options: ['1.2', '1.3'], begin: '1.2' },
      { name: 'names', label: 'partners.names', kind: 'lines' },
      { name: 'defer', label: 'partners.defer', kind: 'flag' },
    ],
    run: async (values) => {
      const body = { minimum: text(values, 'minimum'), names: lines(values, 'names'), defer: flag(values, 'defer') };
      await call('PUT', at('tls-partners', text(values, 'domain')), { body });
    },
  },
};

export const oldTls: Resource<TlsException> = {
  id: 'oldTls',
  text: 'oldTls.text',
  empty: 'oldTls.empty',
  path: '/tls-exceptions',
  key: (row) => `${row.inward ? 'in' : 'out'} ${row.host} ${String(row.port)}`,
  title: (row) => row.host,
  columns: [
    { name: 'oldTls.host', show: (row) => row.host },
    { name: 'oldTls.inward', show: (row) => t(row.inward ? 'oldTls.in' : 'oldTls.out'), kind: 'wide' },
    { name: 'policy.until', show: (row) => when(row.until), kind: 'time' },
  ],
  acts: [
    {
      label: 'action.delete',
      permission: 'queue.change',
      look: 'bad',
      run: async (row) => {
        await call('DELETE', '/tls-exceptions', { query: { host: row.host, port: row.port, inward: row.inward } });
        return { go: '/oldTls' };
      },
    },
  ],
  making: {
    label: 'oldTls.new',
    permission: 'queue.change',
    fields: () => [
      { name: 'host', label: 'oldTls.host', needed: true },
      { name: 'inward', label: 'oldTls.inward', kind: 'flag' },
      { name: 'until', label: 'policy.until', kind: 'moment', needed: true, begin: local(new Date(Date.now() + 90 * 86_400_000)) },
    ], // prettier-ignore
    run: async (values) => {
      const body = { host: text(values, 'host'), inward: flag(values, 'inward'), until: moment(values, 'until') };
      await call('POST', '/tls-exceptions', { body });
    },
  },
};

export const journals: Resource<Journal> = {
  id: 'journals',
  text: 'journals.text',
  empty: 'journals.empty',
  path: '/journals',
  key: (row) => row.domain || '*',
  title: (row) => row.domain || t('journals.whole'),
  columns: [
    { name: 'domains.name', show: (row) => row.domain || t('journals.whole') },
    { name: 'journals.address', show: (row) => row.address, kind: 'wide' },
  ],
  acts: [
    {
      label: 'action.delete',
      permission: 'hold.change',
      look: 'bad',
      warning: 'journals.deleteText',
      run: async (row) => {
        await call('DELETE', '/journals', { query: { domain: row.domain } });
        return { go: '/journals' };
      },
    },
  ],
  making: {
    label: 'journals.new',
    permission: 'hold.change',
    fields: () => [
      { name: 'address', label: 'journals.address', kind: 'email', needed: true },
      { name: 'domain', label: 'journals.domain' },
    ],
    run: async (values) => {
      await call('PUT', '/journals', { body: { address: text(values, 'address'), domain: text(values, 'domain') } });
    },
  },
};

const KINDS = ['position', 'duty', 'grade', 'honorific'];

export const titles: Resource<Title> = {
  id: 'titles',
  text: 'titles.text',
  empty: 'titles.empty',
  path: '/titles',
  key: (row) => row.id,
  title: (row) => row.name,
  columns: [
    { name: 'titles.name', show: (row) => row.name },
    { name: 'titles.kind', show: (row) => known(`titleKind.${row.kind}`), kind: 'wide' },
    { name: 'titles.position', show: (row) => count(row.position), kind: 'number' },
  ],
  acts: [
    {
      label: 'titles.rename',
      permission: 'organization.change',
      fields: (row) => [{ name: 'name', label: 'titles.name', needed: true, begin: row.name }],
      run: async (row, values) => {
        await call('PATCH', `/titles/${row.id}`, { body: { name: text(values, 'name') } });
      },
    },
    {
      label: 'action.delete',
      permission: 'organization.change',
      look: 'bad',
      warning: 'titles.deleteText',
      run: async (row) => {
        await call('DELETE', `/titles/${row.id}`);
        return { go: '/titles' };
      },
    },
  ],
  making: {
    label: 'titles.order',
    permission: 'organization.change',
    fields: () => [
      { name: 'kind', label: 'titles.kind', kind: 'choice', options: KINDS, word: (one) => known(`titleKind.${one}`), begin: 'position' },
      { name: 'names', label: 'titles.names', kind: 'lines', needed: true },
    ], // prettier-ignore
    run: async (values) => {
      await call('PUT', '/titles', { body: { kind: text(values, 'kind'), names: lines(values, 'names') } });
    },
  },
};

export const acme: Resource<AcmeCertificate> = {
  id: 'acme',
  text: 'acme.text',
  empty: 'acme.empty',
  path: '/acme/names',
  key: (row) => row.name,
  title: (row) => row.name,
  columns: [
    { name: 'acme.names', show: (row) => row.names.join(', ') },
    {
      name: 'people.state',
      show: (row) => t(row.failures > 0 ? 'acme.failed' : 'acme.well'),
      kind: 'wide',
      tone: (row) => (row.failures > 0 ? 'bad' : 'ok'),
    },
    { name: 'acme.next', show: (row) => when(row.nextAt), kind: 'time' },
  ],
  facts: (row) => [
    [t('acme.names'), row.names.join('\n')],
    [t('acme.error'), row.error],
    [t('acme.next'), exactly(row.nextAt)],
  ],
  acts: [
    {
      label: 'acme.forget',
      permission: 'certificate.change',
      look: 'bad',
      warning: 'acme.forgetText',
      run: async (row) => {
        await call('DELETE', at('acme/names', row.name));
        return { go: '/acme' };
      },
    },
  ],
  making: {
    label: 'acme.new',
    permission: 'certificate.change',
    text: 'acme.newText',
    fields: () => [
      { name: 'names', label: 'acme.names', kind: 'lines', needed: true },
      { name: 'directory', label: 'acme.directory' },
      { name: 'contact', label: 'acme.contact', kind: 'email' },
      { name: 'keyId', label: 'acme.keyId' },
      { name: 'macKey', label: 'acme.macKey', kind: 'secret' },
    ],
    run: async (values) => {
      const [directory, contact] = [text(values, 'directory'), text(values, 'contact')];
      if (directory) {
        const body = { directory, contact, keyId: text(values, 'keyId'), macKey: text(values, 'macKey') };
        await call('PUT', '/acme/account', { body });
      }
      const made = (await call<AcmeCertificate>('POST', '/acme/names', { body: { names: lines(values, 'names') } }))
        .value;
      return { text: made.error ? `${t('acme.failed')}: ${made.error}` : t('form.done') };
    },
  },
};
