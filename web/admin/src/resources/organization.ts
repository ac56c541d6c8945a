/** Groups, departments, roles, appointments, and acts that wait for a second person. */
import { call } from '../api/client.ts';
import type {
  RoleAssignment,
  DomainClaim,
  Department,
  Domain,
  Group,
  OperationOutcome,
  Proposal,
  Role,
} from '../api/types.ts';
import { domainTone, domainWord } from '../app/domain-state.ts';
import { type Field, lines, moment, text, type Values } from '../app/forms.ts';
import { known, t } from '../app/language.svelte.ts';
import {
  actorName,
  accountId,
  accountName,
  departments as departmentNames,
  domains as domainNames,
  groups as groupNames,
  roleName,
  roles as roleNames,
} from '../app/names.svelte.ts';
import { permissionWords } from '../app/permissions.ts';
import type { Done, Resource, Tone } from '../app/resource.ts';
import { scopeWords } from '../app/scopes.ts';
import { session } from '../app/session.svelte.ts';
import { exactly, when } from '../app/show.ts';
import { tree } from '../app/tree.ts';
import { rename } from './renaming.ts';

/** What an act of two persons came to. */
export function outcome(told: OperationOutcome): Done {
  return told.waits ? { text: t('proposals.waits'), go: `/proposals/${told.proposalId ?? ''}` } : {};
}

const groupFields = (row?: Group): Field[] => [
  { name: 'name', label: 'people.name', needed: true, begin: row?.name ?? '' },
  { name: 'priority', label: 'groups.priority', kind: 'number', hint: 'groups.priorityHint', begin: String(row?.priority ?? 0), least: -1000, most: 1000 },
]; // prettier-ignore
const groupBody = (values: Values): object => ({ name: text(values, 'name'), priority: Number(values.priority ?? 0) });

export const groups: Resource<Group> = {
  id: 'groups',
  text: 'groups.text',
  path: '/groups',
  key: (row) => row.id,
  title: (row) => row.name,
  one: (row) => `/groups/${row.id}`,
  columns: [
    { name: 'people.name', show: (row) => row.name },
    { name: 'groups.priority', show: (row) => String(row.priority), kind: 'number' },
  ],
  facts: (row) => [[t('groups.priority'), String(row.priority)]],
  acts: [
    {
      label: 'groups.addMember',
      permission: 'group.change',
      look: 'filled',
      fields: () => [{ name: 'person', label: 'people.address', kind: 'person', needed: true }],
      run: async (row, values) => {
        await call('PUT', `/groups/${row.id}/members/${await accountId(text(values, 'person'))}`);
      },
    },
    {
      label: 'action.change',
      permission: 'group.change',
      fields: groupFields,
      run: async (row, values, etag) => {
        await call('PATCH', `/groups/${row.id}`, { body: groupBody(values), etag });
        void groupNames.refresh();
      },
    },
    {
      label: 'action.delete',
      permission: 'group.change',
      look: 'bad',
      warning: 'groups.deleteText',
      run: async (row, _values, etag) => {
        await call('DELETE', `/groups/${row.id}`, { etag });
        return { go: '/groups' };
      },
    },
  ],
  making: {
    label: 'groups.new',
    permission: 'group.change',
    fields: () => groupFields(),
    run: async (values) => ({
      go: `/groups/${(await call<Group>('POST', '/groups', { body: groupBody(values) })).value.id}`,
    }),
  },
  more: () => import('../details/GroupMembers.svelte'),
};

type Branch = Department & { depth: number };
const TOP = '0';
const parentField = (row?: Branch): Field => ({
  name: 'parentId',
  label: 'departments.parent',
  kind: 'choice',
  begin: row?.parentId ?? TOP,
  options: [TOP, ...departmentNames.rows.map((one) => one.id).filter((id) => id !== row?.id)],
  word: (id) => departmentNames.rows.find((one) => one.id === id)?.name ?? t('departments.top'),
});
const departmentFields = (row?: Branch): Field[] => [
  { name: 'name', label: 'people.name', needed: true, begin: row?.name ?? '' },
  parentField(row),
  { name: 'position', label: 'departments.position', kind: 'number', begin: String(row?.position ?? 0), least: 0, most: 1_000_000 },
]; // prettier-ignore
const departmentBody = (values: Values): object => ({
  name: text(values, 'name'),
  parentId: text(values, 'parentId') || TOP,
  position: Number(values.position ?? 0),
});

export const departments: Resource<Branch> = {
  id: 'departments',
  text: 'departments.text',
  path: '/departments',
  key: (row) => row.id,
  title: (row) => row.name,
  arrange: (rows) => tree(rows),
  columns: [
    { name: 'people.name', show: (row) => `${'\u2003'.repeat(row.depth)}${row.name}` },
    { name: 'departments.code', show: (row) => row.code, kind: 'wide' },
  ],
  facts: (row) => [
    [t('departments.code'), row.code],
    [t('departments.parent'), parentField().word?.(row.parentId) ?? ''],
  ],
  acts: [
    {
      label: 'action.change',
      permission: 'organization.change',
      fields: departmentFields,
      run: async (row, values) => {
        await call('PATCH', `/departments/${row.id}`, { body: departmentBody(values) });
        void departmentNames.refresh();
      },
    },
    {
      label: 'action.delete',
      permission: 'organization.change',
      look: 'bad',
      warning: 'departments.deleteText',
      run: async (row) => {
        await call('DELETE', `/departments/${row.id}`);
        return { go: '/departments' };
      },
    },
  ],
  making: {
    label: 'departments.new',
    permission: 'organization.change',
    fields: () => [...departmentFields(), { name: 'code', label: 'departments.code', hint: 'departments.codeHint' }],
    run: async (values) => {
      await call('POST', '/departments', { body: { ...departmentBody(values), code: text(values, 'code') } });
      void departmentNames.refresh();
    },
  },
};

const roleFields = (row?: Role): Field[] => [
  { name: 'name', label: 'people.name', needed: true, begin: row?.name ?? '' },
  {
    name: 'permissions',
    label: 'roles.permissions',
    kind: 'choices',
    needed: true,
    begin: row?.permissions ?? [],
    options: [...new Set(session.me.holdings.flatMap((one) => one.permissions))].sort(),
    word: permissionWords,
  },
  {
    name: 'masks',
    label: 'roles.masks',
    kind: 'choices',
    begin: row?.masks ?? [],
    options: ['addresses', 'birthday', 'body', 'employee-number', 'login-address', 'phone', 'subject'],
    word: (mask) => known(`mask.${mask}`),
  },
];
const roleBody = (values: Values): object => ({
  name: text(values, 'name'),
  permissions: lines(values, 'permissions'),
  masks: lines(values, 'masks'),
});
const isOwn = (row: Role): boolean => /^\d+$/.test(row.id);
const roleTitle = (row: Role): string => (isOwn(row) ? row.name : known(`role.${row.id}`));

export const roles: Resource<Role> = {
  id: 'roles',
  text: 'roles.text',
  path: '/roles',
  key: (row) => row.id,
  title: roleTitle,
  columns: [
    { name: 'people.name', show: roleTitle },
    { name: 'roles.kind', show: (row) => t(isOwn(row) ? 'roles.own' : 'roles.builtIn'), kind: 'wide' },
    { name: 'roles.permissions', show: (row) => String(row.permissions.length), kind: 'number' },
  ],
  facts: (row) => [
    [t('roles.permissions'), row.permissions.map(permissionWords).join(' · ')],
    [t('roles.masks'), row.masks.map((mask) => known(`mask.${mask}`)).join(', ')],
  ],
  acts: [
    {
      label: 'action.change',
      permission: 'role.change',
      fits: isOwn,
      fields: roleFields,
      run: async (row, values) => {
        await call('PUT', `/roles/${row.id}`, { body: roleBody(values) });
      },
    },
    {
      label: 'action.delete',
      permission: 'role.change',
      look: 'bad',
      fits: isOwn,
      warning: 'roles.deleteText',
      run: async (row) => {
        await call('DELETE', `/roles/${row.id}`);
        return { go: '/roles' };
      },
    },
  ],
  making: {
    label: 'roles.new',
    permission: 'role.change',
    fields: () => roleFields(),
    run: async (values) => {
      await call('POST', '/roles', { body: roleBody(values) });
      void roleNames.refresh();
    },
  },
};

const roleWord = (id: string): string => (/^\d+$/.test(id) ? roleName(id) : known(`role.${id}`));

export const appointments: Resource<RoleAssignment> = {
  id: 'appointments',
  text: 'appointments.text',
  empty: 'appointments.empty',
  path: '/role-assignments',
  key: (row) => row.id,
  title: (row) => roleWord(row.role),
  columns: [
    { name: 'appointments.who', show: (row) => accountName(row.accountId) },
    { name: 'appointments.role', show: (row) => roleWord(row.role), kind: 'wide' },
    { name: 'policy.scope', show: (row) => scopeWords(row.scope) },
    { name: 'policy.until', show: (row) => when(row.expiresAt), kind: 'time' },
  ],
  facts: (row) => [
    [t('appointments.who'), accountName(row.accountId)],
    [t('policy.scope'), scopeWords(row.scope)],
    [t('policy.from'), exactly(row.begunAt)],
    [t('policy.until'), exactly(row.expiresAt)],
  ],
  acts: [
    {
      label: 'appointments.end',
      permission: 'role.change',
      look: 'bad',
      warning: 'appointments.endText',
      fields: () => [{ name: 'reason', label: 'form.reason', needed: true }],
      run: async (row, values) =>
        outcome(
          (await call<OperationOutcome>('DELETE', `/role-assignments/${row.id}`, { reason: text(values, 'reason') }))
            .value,
        ),
    },
  ],
  making: {
    label: 'appointments.new',
    permission: 'role.change',
    fields: () => [
      { name: 'person', label: 'people.address', kind: 'person', needed: true },
      { name: 'role', label: 'appointments.role', kind: 'choice', options: roleNames.rows.map((one) => one.id), word: roleWord, needed: true },
      { name: 'scope', label: 'policy.scope', kind: 'scope', begin: `organization:${session.me.organizationId}` },
      { name: 'until', label: 'policy.until', kind: 'moment' },
      { name: 'reason', label: 'form.reason', needed: true },
    ], // prettier-ignore
    run: async (values) => {
      const body = {
        accountId: await accountId(text(values, 'person')),
        role: text(values, 'role'),
        scope: text(values, 'scope'),
        expiresAt: moment(values, 'until'),
        reason: text(values, 'reason'),
      };
      return outcome((await call<OperationOutcome>('POST', '/role-assignments', { body })).value);
    },
  },
};

export const proposalTone = (row: { state: string }): Tone =>
  (({ waiting: 'warn', running: 'warn', done: 'ok', failed: 'bad' }) as const)[row.state as 'done'] ?? 'quiet';
const decide =
  (verb: string) =>
  async (row: Proposal, values: Values): Promise<Done> => {
    await call('POST', `/proposals/${row.id}/${verb}`, { body: { note: text(values, 'note') } });
    return {};
  };
const waits = (row: Proposal): boolean => row.state === 'waiting';
const noteField = (needed: boolean): Field => ({ name: 'note', label: 'form.note', kind: 'long', needed });

export const proposals: Resource<Proposal> = {
  id: 'proposals',
  text: 'proposals.text',
  empty: 'proposals.empty',
  path: '/proposals',
  key: (row) => row.id,
  title: (row) => known(`act.${row.act}`),
  one: (row) => `/proposals/${row.id}`,
  columns: [
    { name: 'proposals.act', show: (row) => known(`act.${row.act}`) },
    { name: 'people.state', show: (row) => known(`proposal.${row.state}`), kind: 'wide', tone: proposalTone },
    { name: 'proposals.author', show: (row) => actorName(row.author) },
    { name: 'proposals.until', show: (row) => when(row.expiresAt), kind: 'time' },
  ],
  facts: (row) => [
    [t('proposals.author'), actorName(row.author)],
    [t('form.reason'), row.reason],
    [t('policy.scope'), scopeWords(row.scope)],
    ...Object.entries(row.arguments).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const),
    [t('trace.at'), exactly(row.createdAt)],
    [t('proposals.until'), exactly(row.expiresAt)],
    [t('people.state'), known(`proposal.${row.state}`)],
    [t('proposals.result'), row.result],
  ], // prettier-ignore
  acts: [
    {
      label: 'proposals.confirm',
      look: 'filled',
      fits: (row) => waits(row) && !session.did(row.author),
      warning: 'proposals.confirmText',
      fields: () => [noteField(false)],
      run: decide('confirm'),
    },
    {
      label: 'proposals.refuse',
      fits: (row) => waits(row) && !session.did(row.author),
      fields: () => [noteField(true)],
      run: decide('refuse'),
    },
    {
      label: 'proposals.withdraw',
      fits: (row) => waits(row) && session.did(row.author),
      run: async (row) => {
        await call('POST', `/proposals/${row.id}/withdraw`);
      },
    },
  ],
};

export const domains: Resource<Domain> = {
  id: 'domains',
  text: 'domains.text',
  path: '/domains',
  key: (row) => row.name,
  title: (row) => row.name,
  columns: [
    { name: 'domains.name', show: (row) => row.name },
    { name: 'people.state', show: domainWord, kind: 'wide', tone: domainTone },
  ],
  facts: (row) => [
    [t('people.state'), domainWord(row)],
    [t('dns.checkedAt'), row.checkedAt ? exactly(row.checkedAt) : known('domainDns.unchecked')],
  ],
  making: {
    label: 'domains.new',
    permission: 'domain.change',
    fields: () => [{ name: 'name', label: 'domains.name', needed: true }],
    run: async (values) => {
      const made = await call<Domain>('POST', '/domains', { body: { name: text(values, 'name').toLowerCase() } });
      void domainNames.refresh();
      // Where it has to be proved first, the record to publish is shown next.
      return { go: `/${made.value.state === 'claimed' ? 'claims' : 'domains'}/${made.value.name}` };
    },
  },
  acts: [
    rename,
    {
      label: 'domains.sts',
      permission: 'domain.change',
      fields: () => [
        {
          name: 'mode',
          label: 'domains.stsMode',
          kind: 'choice',
          options: ['testing', 'enforce', 'none'],
          word: (one) => known(`stsMode.${one}`),
          begin: 'testing',
        },
        { name: 'mx', label: 'domains.stsMx', kind: 'lines', hint: 'domains.stsMxHint' },
      ],
      run: async (row, values) => {
        const body = { mode: text(values, 'mode'), mx: lines(values, 'mx') };
        await call('PUT', `/domains/${row.name}/mta-sts`, { body });
      },
    },
  ],
  more: () => import('../details/DomainKeys.svelte'),
};

export const claims: Resource<DomainClaim> = {
  id: 'claims',
  text: 'claims.text',
  empty: 'claims.empty',
  path: '/domain-claims',
  key: (row) => row.name,
  title: (row) => row.name,
  columns: [
    { name: 'domains.name', show: (row) => row.name },
    { name: 'claims.record', show: (row) => row.record, kind: 'wide' },
    { name: 'claims.at', show: (row) => when(row.claimedAt), kind: 'time' },
  ],
  facts: (row) => [
    [t('claims.record'), `${row.record} TXT`],
    [t('claims.value'), row.text],
  ],
  acts: [
    {
      label: 'claims.prove',
      permission: 'domain.change',
      look: 'filled',
      run: async (row) => {
        await call('POST', `/domain-claims/${row.name}/verify`);
        void domainNames.refresh();
        return { go: `/domains/${row.name}` };
      },
    },
    {
      label: 'claims.drop',
      permission: 'domain.change',
      look: 'bad',
      warning: 'claims.dropText',
      run: async (row) => {
        await call('DELETE', `/domain-claims/${row.name}`);
        return { go: '/claims' };
      },
    },
  ],
};
