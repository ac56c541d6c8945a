/** Whose certificates count: of people who log in, of those who sign mail, of those who confirm logos. */
import { call } from '../api/client.ts';
import type {
  TrustAuthority,
  CertificateFamilyRule,
  SmimeAuthority,
  MarkAuthority,
  RevocationList,
  RevocationHost,
} from '../api/types.ts';
import { type Field, flag, lines, text, type Values } from '../app/forms.ts';
import { type AdminKey, known, t } from '../app/language.svelte.ts';
import type { Act, Resource } from '../app/resource.ts';
import { exactly, when } from '../app/show.ts';

const FAMILIES = ['npki', 'gpki', 'other'];
const short = (fingerprint: string): string => fingerprint.slice(0, 16);
const fileField: Field = { name: 'file', label: 'trust.file', kind: 'file', needed: true, hint: 'trust.fileHint' };
const crlField: Field = { name: 'file', label: 'trust.file', kind: 'file', needed: true, hint: 'trust.crlHint' };
const family: Field = {
  name: 'family',
  label: 'trust.family',
  kind: 'choice',
  options: FAMILIES,
  word: (one) => known(`family.${one}`),
  begin: 'npki',
};
const domainField: Field = { name: 'domain', label: 'trust.domain', hint: 'trust.domainHint' };
const whose = (domain: string): string => domain || t('journals.whole');
const yes = (value: boolean): string => t(value ? 'value.on' : 'value.off');

export const authorities: Resource<TrustAuthority> = {
  id: 'loginTrust',
  text: 'trust.authoritiesText',
  empty: 'trust.noAuthorities',
  path: '/trust/authorities',
  key: (row) => `${row.fingerprint} ${row.domain}`,
  title: (row) => short(row.fingerprint),
  columns: [
    { name: 'trust.fingerprint', show: (row) => short(row.fingerprint) },
    { name: 'trust.family', show: (row) => known(`family.${row.family}`), kind: 'wide' },
    { name: 'domains.name', show: (row) => whose(row.domain) },
    { name: 'trust.since', show: (row) => when(row.at), kind: 'time' },
  ],
  facts: (row) => [
    [t('trust.fingerprint'), row.fingerprint],
    [t('domains.name'), whose(row.domain)],
  ],
  acts: [
    {
      label: 'trust.remove',
      permission: 'certificate.change',
      look: 'bad',
      warning: 'trust.removeLogin',
      run: async (row) => {
        await call('DELETE', `/trust/authorities/${row.fingerprint}`, { query: { domain: row.domain } });
      },
    },
  ],
  making: {
    label: 'trust.add',
    permission: 'certificate.change',
    fields: () => [fileField, family, domainField],
    run: async (values) => {
      const body = { file: text(values, 'file'), family: text(values, 'family'), domain: text(values, 'domain') };
      await call('POST', '/trust/authorities', { body });
    },
  },
};

const ruleFields = (row?: CertificateFamilyRule): Field[] => [
  { ...family, begin: row?.family ?? 'npki' },
  { ...domainField, begin: row?.domain ?? '' },
  { name: 'enabled', label: 'trust.enabled', kind: 'flag', begin: row?.enabled ?? true, hint: 'trust.enabledHint' },
  { name: 'policies', label: 'trust.policies', kind: 'lines', begin: row?.policies.join('\n') ?? '', hint: 'trust.policiesHint' },
  { name: 'identity', label: 'trust.identity', kind: 'flag', begin: row?.identity ?? false, hint: 'trust.identityHint' },
  { name: 'rebind', label: 'trust.rebind', kind: 'flag', begin: row?.rebind ?? false, hint: 'trust.rebindHint' },
]; // prettier-ignore
async function setRule(values: Values): Promise<void> {
  const body = {
    family: text(values, 'family'),
    domain: text(values, 'domain'),
    enabled: flag(values, 'enabled'),
    policies: lines(values, 'policies'),
    identity: flag(values, 'identity'),
    rebind: flag(values, 'rebind'),
  };
  await call('PUT', '/trust/rules', { body });
}

export const families: Resource<CertificateFamilyRule> = {
  id: 'loginTrust',
  text: 'trust.familiesText',
  empty: 'trust.noFamilies',
  path: '/trust/rules',
  key: (row) => `${row.domain} ${row.family}`,
  title: (row) => `${known(`family.${row.family}`)} · ${whose(row.domain)}`,
  columns: [
    { name: 'trust.family', show: (row) => known(`family.${row.family}`) },
    { name: 'trust.enabled', show: (row) => yes(row.enabled), kind: 'wide', tone: (row) => (row.enabled ? 'ok' : 'quiet') },
    { name: 'domains.name', show: (row) => whose(row.domain) },
    { name: 'trust.identity', show: (row) => yes(row.identity) },
  ], // prettier-ignore
  facts: (row) => [
    [t('trust.policies'), row.policies.join(', ') || t('value.any')],
    [t('trust.identity'), yes(row.identity)],
    [t('trust.rebind'), yes(row.rebind)],
  ],
  acts: [
    {
      label: 'action.change',
      permission: 'certificate.change',
      fields: (row) => ruleFields(row),
      run: async (_row, values) => setRule(values),
    },
  ],
  making: { label: 'trust.setRule', permission: 'certificate.change', fields: () => ruleFields(), run: setRule },
};

export const sources: Resource<RevocationHost> = {
  id: 'loginTrust',
  text: 'trust.sourcesText',
  empty: 'trust.noSources',
  path: '/trust/sources',
  key: (row) => row.host,
  title: (row) => row.host,
  columns: [{ name: 'trust.host', show: (row) => row.host }],
  acts: [
    {
      label: 'trust.forbid',
      permission: 'certificate.change',
      look: 'bad',
      warning: 'trust.forbidText',
      run: async (row) => {
        await call('DELETE', `/trust/sources/${encodeURIComponent(row.host)}`);
      },
    },
  ],
  making: {
    label: 'trust.allow',
    permission: 'certificate.change',
    fields: () => [{ name: 'host', label: 'trust.host', needed: true, hint: 'trust.hostHint' }],
    run: async (values) => {
      await call('PUT', `/trust/sources/${encodeURIComponent(text(values, 'host'))}`);
    },
  },
};

export const revocations: Resource<RevocationList> = {
  id: 'loginTrust',
  text: 'trust.listsText',
  empty: 'trust.noLists',
  path: '/trust/lists',
  key: (row) => `${row.issuer} ${row.scope}`,
  title: (row) => short(row.issuer),
  columns: [
    { name: 'trust.issuer', show: (row) => short(row.issuer) },
    { name: 'policy.until', show: (row) => exactly(row.until), kind: 'wide', tone: (row) => (Date.parse(row.until) > Date.now() ? 'ok' : 'bad') },
    { name: 'trust.source', show: (row) => row.source },
  ], // prettier-ignore
  making: {
    label: 'trust.load',
    permission: 'certificate.change',
    fields: () => [crlField],
    run: async (values) => {
      await call('POST', '/trust/lists', { body: { file: text(values, 'file') } });
    },
  },
};

type Rooted = SmimeAuthority | MarkAuthority;
const removal = (at: string, warning: AdminKey): Act<Rooted> => ({
  label: 'trust.remove',
  permission: 'certificate.change',
  look: 'bad',
  warning,
  run: async (row) => {
    await call('DELETE', `${at}/${row.fingerprint}`);
  },
});
const rooted = (at: string, words: Pick<Resource<Rooted>, 'text' | 'empty'>, acts: Act<Rooted>[]): Resource<Rooted> => ({
  id: 'mailTrust',
  ...words,
  path: at,
  key: (row) => row.fingerprint,
  title: (row) => row.name,
  columns: [
    { name: 'people.name', show: (row) => row.name },
    { name: 'policy.until', show: (row) => when(row.until), kind: 'wide', tone: (row) => (Date.parse(row.until) > Date.now() ? 'ok' : 'bad') },
    { name: 'trust.fingerprint', show: (row) => short(row.fingerprint) },
  ], // prettier-ignore
  facts: (row) => [
    [t('trust.fingerprint'), row.fingerprint],
    [t('policy.until'), exactly(row.until)],
  ],
  acts,
  making: {
    label: 'trust.add',
    permission: 'certificate.change',
    fields: () => [fileField],
    run: async (values) => {
      await call('POST', at, { body: { file: text(values, 'file') } });
    },
  },
}); // prettier-ignore

export const mailAuthorities = rooted(
  '/smime-authorities',
  { text: 'trust.mailText', empty: 'trust.noMail' },
  [
    {
      label: 'trust.load',
      permission: 'certificate.change',
      fields: () => [crlField],
      run: async (_row, values) => {
        await call('POST', '/smime-authorities/revocations', { body: { file: text(values, 'file') } });
      },
    },
    removal('/smime-authorities', 'trust.removeMail'),
  ],
); // prettier-ignore
export const markAuthorities = rooted('/mark-authorities', { text: 'trust.marksText', empty: 'trust.noMarks' }, [
  removal('/mark-authorities', 'trust.removeMark'),
]);
