/** Rules in force, staged changes, history, presets; who may come in from where, and leave for journeys. */
import { all, call } from '../api/client.ts';
import type {
  AccessRule,
  Knob,
  StagedChange,
  OperationOutcome,
  Page,
  TravelExemption,
  PolicyResult,
  PolicyPreset,
  AccessRuleDryRunLogin,
  PolicyRevision,
  PolicyRule,
} from '../api/types.ts';
import { knobName } from '../app/declared.svelte.ts';
import { type Field, filled, flag, lines, moment, text, type Values } from '../app/forms.ts';
import { known, t } from '../app/language.svelte.ts';
import { actorName } from '../app/names.svelte.ts';
import { presetChanges } from '../app/preset-changes.ts';
import type { Done, Resource, Tone } from '../app/resource.ts';
import { scopeWords } from '../app/scopes.ts';
import { session } from '../app/session.svelte.ts';
import { count, exactly, when } from '../app/show.ts';
import { country, valueWords } from '../app/values.ts';
import { outcome } from './organization.ts';

const home = (): string => `organization:${session.me.organizationId}`;
const span = (from: string | null, until: string | null): string =>
  from || until ? `${exactly(from)} – ${exactly(until)}` : t('policy.always');

export const rules: Resource<PolicyRule> = {
  id: 'rules',
  text: 'policy.text',
  empty: 'policy.empty',
  path: '/policy/rules',
  key: (row) => `${row.knob} ${row.scope} ${row.validFrom ?? ''}`,
  title: (row) => knobName(row.knob),
  columns: [
    { name: 'policy.knob', show: (row) => knobName(row.knob) },
    { name: 'policy.scope', show: (row) => scopeWords(row.scope), kind: 'wide' },
    { name: 'policy.value', show: (row) => valueWords(row.knob, row.value) },
    { name: 'policy.locked', show: (row) => (row.locked ? t('policy.locked') : '') },
    { name: 'policy.until', show: (row) => when(row.validUntil) },
  ],
  facts: (row) => [
    [t('policy.scope'), scopeWords(row.scope)],
    [t('policy.value'), valueWords(row.knob, row.value)],
    [t('policy.locked'), t(row.locked ? 'value.on' : 'value.off')],
    [t('policy.period'), span(row.validFrom, row.validUntil)],
  ],
  acts: [
    {
      label: 'policy.open',
      run: (row) => Promise.resolve({ text: '', go: `/policy/${row.knob}` }),
    },
    {
      label: 'policy.unset',
      permission: 'policy.change',
      look: 'bad',
      warning: 'policy.unsetText',
      fields: () => [{ name: 'reason', label: 'form.reason', needed: true }],
      run: async (row, values) => {
        const query = { knob: row.knob, scope: row.scope };
        await call('DELETE', '/policy/rules', { query, reason: text(values, 'reason') });
        return { go: '/rules' };
      },
    },
  ],
  more: () => import('../details/RuleShadows.svelte'),
};

const changeTone = (row: StagedChange): Tone =>
  ({ draft: 'quiet', proposed: 'warn', scheduled: 'warn', active: 'ok', refused: 'bad' } as const)[
    row.state as 'draft'
  ] ?? 'quiet'; // prettier-ignore
const step = (verb: string) => async (row: StagedChange) => {
  await call('POST', `/policy-changes/${row.id}/${verb}`);
};

export const changes: Resource<StagedChange> = {
  id: 'changes',
  text: 'changes.text',
  empty: 'changes.empty',
  path: '/policy-changes',
  key: (row) => row.id,
  title: (row) => row.reason,
  one: (row) => `/policy-changes/${row.id}`,
  columns: [
    { name: 'form.reason', show: (row) => row.reason },
    { name: 'people.state', show: (row) => known(`change.${row.state}`), kind: 'wide', tone: changeTone },
    { name: 'proposals.author', show: (row) => actorName(row.author) },
    { name: 'changes.size', show: (row) => count(row.begin.length + row.unset.length), kind: 'number' },
    { name: 'changes.applyAt', show: (row) => when(row.applyAt) },
  ],
  facts: (row) => [
    [t('proposals.author'), actorName(row.author)],
    [t('trace.at'), exactly(row.madeAt)],
    [t('changes.applyAt'), row.applyAt ? exactly(row.applyAt) : t('changes.atOnce')],
    [t('people.state'), known(`change.${row.state}`)],
  ],
  acts: [
    {
      label: 'changes.submit',
      permission: 'policy.change',
      look: 'filled',
      fits: (row) => row.state === 'draft',
      fields: () => [{ name: 'ask', label: 'changes.ask', kind: 'flag', hint: 'changes.askHint' }],
      run: async (row, values) => {
        await call('POST', `/policy-changes/${row.id}/submit`, { body: { ask: flag(values, 'ask') } });
      },
    },
    {
      label: 'proposals.confirm',
      permission: 'policy.change',
      look: 'filled',
      fits: (row) => row.state === 'proposed' && !session.did(row.author),
      warning: 'changes.approveText',
      run: step('approve'),
    },
    {
      label: 'proposals.refuse',
      permission: 'policy.change',
      fits: (row) => row.state === 'proposed' && !session.did(row.author),
      warning: 'changes.refuseText',
      run: step('refuse'),
    },
    {
      label: 'proposals.withdraw',
      permission: 'policy.change',
      fits: (row) => ['draft', 'proposed', 'scheduled'].includes(row.state),
      run: step('withdraw'),
    },
  ],
  more: () => import('../details/ChangeLines.svelte'),
};

const ruleLine = (rule: PolicyRule): string =>
  `${knobName(rule.knob)} = ${valueWords(rule.knob, rule.value)} (${scopeWords(rule.scope)})`;

export const history: Resource<PolicyRevision> = {
  id: 'history',
  text: 'history.text',
  empty: 'policy.empty',
  path: '/policy/revisions',
  key: (row) => String(row.epoch),
  title: (row) => t('history.number', { number: String(row.epoch) }),
  columns: [
    { name: 'history.epoch', show: (row) => String(row.epoch), kind: 'number' },
    { name: 'trace.at', show: (row) => when(row.at), kind: 'wide' },
    { name: 'records.actor', show: (row) => actorName(row.actor) },
    { name: 'form.reason', show: (row) => row.reason },
    { name: 'changes.size', show: (row) => count(row.begun.length + row.ended.length), kind: 'number' },
  ],
  facts: (row) => [
    [t('trace.at'), exactly(row.at)],
    [t('records.actor'), actorName(row.actor)],
    [t('records.action'), row.action],
    [t('form.reason'), row.reason],
    [t('history.begun'), row.begun.map(ruleLine).join('\n')],
    [t('history.ended'), row.ended.map(ruleLine).join('\n')],
  ],
  acts: [
    {
      label: 'history.return',
      permission: 'policy.change',
      look: 'bad',
      warning: 'history.returnText',
      fields: () => [{ name: 'reason', label: 'form.reason', needed: true }],
      run: async (row, values) => {
        await call('POST', '/policy/rollback', { body: { epoch: row.epoch }, reason: text(values, 'reason') });
      },
    },
  ],
};

const presetName = (row: PolicyPreset): string =>
  row.title && row.title !== row.name ? row.title : known(`preset.${row.name}`);
const valuesOf = (row: PolicyPreset): [string, unknown][] => Object.entries(row.values);

/** Says which narrower rules keep a preset from holding everywhere. */
function shadowed(found: PolicyRule[]): Done {
  const shown = found.slice(0, 5).map((one) => `${knobName(one.knob)} (${scopeWords(one.scope)})`);
  return found.length > 0 ? { text: t('presets.shadowed', { count: found.length, rules: shown.join(', ') }) } : {};
}

/** What a preset changes for a scope, a line for each item: now and then. */
async function presetPreview(row: PolicyPreset, scope: string): Promise<string> {
  const [rules, knobs] = await Promise.all([all<PolicyRule>('/policy/rules'), all<Knob>('/policy/knobs')]);
  const { changed } = presetChanges(row, scope, rules, knobs);
  if (changed.length === 0) return t('presets.changesNone');
  const lines = changed.map(({ knob, before, after }) =>
    t('presets.line', { name: knobName(knob), before: valueWords(knob, before), after: valueWords(knob, after) }),
  );
  return [t('presets.changes', { count: changed.length }), ...lines].join('\n');
}

export const presets: Resource<PolicyPreset> = {
  id: 'presets',
  text: 'presets.text',
  path: '/policy/presets',
  key: (row) => row.name,
  title: presetName,
  columns: [
    { name: 'presets.name', show: presetName },
    { name: 'presets.values', show: (row) => count(valuesOf(row).length), kind: 'number' },
  ],
  acts: [
    {
      label: 'presets.apply',
      permission: 'policy.change',
      look: 'filled',
      warning: 'presets.applyText',
      fields: () => [
        { name: 'scope', label: 'policy.scope', kind: 'scope', options: ['system', 'organization'], begin: home() },
        { name: 'clear', label: 'presets.clear', kind: 'flag', hint: 'presets.clearHint' },
        { name: 'reason', label: 'form.reason', needed: true },
      ],
      rehearse: (row, values) => presetPreview(row, text(values, 'scope')),
      run: async (row, values) => {
        const body = { scope: text(values, 'scope'), clear: flag(values, 'clear') };
        const told = await call<PolicyResult>('POST', `/policy/presets/${row.name}/apply`, {
          body,
          reason: text(values, 'reason'),
        });
        return shadowed(told.value.shadowed);
      },
    },
  ],
  more: () => import('../details/PresetValues.svelte'),
};

/** Needed where a second person has to agree. */
const reasonField: Field = { name: 'reason', label: 'form.reason', hint: 'access.reasonHint' };
const accessFields = (): Field[] => [
  { name: 'scope', label: 'policy.scope', kind: 'scope', begin: home() },
  { name: 'action', label: 'access.action', kind: 'choice', options: ['deny', 'second_factor', 'notify', 'allow'], word: (one) => known(`accessAction.${one}`) },
  { name: 'mode', label: 'access.mode', kind: 'choice', options: ['outside', 'within', 'anywhere'], word: (one) => known(`accessMode.${one}`) },
  { name: 'countries', label: 'access.countries', hint: 'access.countriesHint' },
  { name: 'networks', label: 'access.networks', kind: 'lines', hint: 'access.networksHint' },
  { name: 'private', label: 'access.private', kind: 'flag' },
  { name: 'unknown', label: 'access.unknown', kind: 'choice', options: ['notify', 'allow', 'second_factor', 'deny'], word: (one) => known(`accessAction.${one}`) },
  { name: 'locked', label: 'policy.lock', kind: 'flag', hint: 'policy.lockHint' },
  { name: 'from', label: 'policy.from', kind: 'moment' },
  { name: 'until', label: 'policy.until', kind: 'moment' },
  reasonField,
]; // prettier-ignore
const accessBody = (values: Values): object => ({
  ...filled({ validFrom: moment(values, 'from'), validUntil: moment(values, 'until') }),
  scope: text(values, 'scope'),
  action: text(values, 'action'),
  mode: text(values, 'mode'),
  countries: lines(values, 'countries').map((one) => one.toUpperCase()),
  networks: lines(values, 'networks'),
  private: flag(values, 'private'),
  unknown: text(values, 'unknown'),
  locked: flag(values, 'locked'),
});
const countryWords = (row: AccessRule): string =>
  row.mode === 'anywhere'
    ? known('accessMode.anywhere')
    : `${known(`accessMode.${row.mode}`)}: ${row.countries.map(country).join(', ')}`;

export const access: Resource<AccessRule> = {
  id: 'access',
  text: 'access.text',
  empty: 'access.empty',
  path: '/access-rules',
  key: (row) => row.id,
  title: (row) => `${known(`accessAction.${row.action}`)} · ${scopeWords(row.scope)}`,
  columns: [
    { name: 'access.action', show: (row) => known(`accessAction.${row.action}`) },
    { name: 'access.where', show: countryWords, kind: 'wide' },
    { name: 'policy.scope', show: (row) => scopeWords(row.scope) },
    { name: 'policy.until', show: (row) => when(row.validUntil) },
  ],
  facts: (row) => [
    [t('policy.scope'), scopeWords(row.scope)],
    [t('access.where'), countryWords(row)],
    [t('access.networks'), row.networks.join(', ')],
    [t('access.channels'), row.channels.join(', ')],
    [t('access.private'), t(row.private ? 'value.on' : 'value.off')],
    [t('access.unknown'), known(`accessAction.${row.unknown}`)],
    [t('policy.locked'), t(row.locked ? 'value.on' : 'value.off')],
    [t('policy.period'), span(row.validFrom, row.validUntil)],
  ],
  acts: [
    {
      label: 'access.end',
      permission: 'access.change',
      look: 'bad',
      warning: 'access.endText',
      fields: () => [reasonField],
      run: async (row, values) => {
        const body = { reason: text(values, 'reason') };
        const told = (await call<OperationOutcome>('POST', `/access-rules/${row.id}/propose-end`, { body })).value;
        return told.waits ? outcome(told) : { go: '/access' };
      },
    },
  ],
  making: {
    label: 'access.new',
    permission: 'access.change',
    text: 'access.newText',
    fields: accessFields,
    rehearse: async (values) => {
      const met = (
        await call<Page<AccessRuleDryRunLogin>>('POST', '/access-rules/dry-run', { body: accessBody(values) })
      ).value.items;
      const who = [...new Set(met.map((one) => one.login))];
      return t('access.met', { count: met.length, people: who.slice(0, 10).join(', ') || t('value.none') });
    },
    run: async (values) => {
      const body = { ...accessBody(values), reason: text(values, 'reason') };
      return outcome((await call<OperationOutcome>('POST', '/access-rules/propose', { body })).value);
    },
  },
};

const decide = (granted: boolean) => async (row: TravelExemption) => {
  await call('POST', `/travel-exemptions/${row.id}/decide`, { body: { granted } });
};
const passTone = (row: TravelExemption): Tone =>
  ({ asked: 'warn', granted: 'ok', refused: 'bad' } as const)[row.state as 'asked'] ?? 'quiet'; // prettier-ignore

export const passes: Resource<TravelExemption> = {
  id: 'passes',
  text: 'passes.text',
  empty: 'passes.empty',
  path: '/travel-exemptions',
  key: (row) => row.id,
  title: (row) => `${row.address} · ${country(row.country)}`,
  columns: [
    { name: 'appointments.who', show: (row) => row.address },
    { name: 'passes.country', show: (row) => country(row.country), kind: 'wide' },
    { name: 'people.state', show: (row) => known(`pass.${row.state}`), tone: passTone },
    { name: 'policy.from', show: (row) => when(row.validFrom) },
    { name: 'policy.until', show: (row) => when(row.validUntil) },
  ],
  facts: (row) => [
    [t('passes.country'), country(row.country)],
    [t('policy.period'), span(row.validFrom, row.validUntil)],
    [t('form.reason'), row.reason],
    [t('people.state'), known(`pass.${row.state}`)],
  ],
  acts: [
    { label: 'passes.grant', look: 'filled', fits: (row) => row.state === 'asked', run: decide(true) },
    { label: 'proposals.refuse', fits: (row) => row.state === 'asked', run: decide(false) },
    {
      label: 'proposals.withdraw',
      fits: (row) => row.state === 'granted',
      run: async (row) => {
        await call('POST', `/travel-exemptions/${row.id}/withdraw`);
      },
    },
  ],
};
