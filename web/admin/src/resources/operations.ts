/** The machine that mail runs on: volumes, alarms and their rules, people who come for a while. */
import { call } from '../api/client.ts';
import type {
  Alarm,
  VolumeProbe,
  AlarmRule,
  TemporaryAccount,
  AlarmTestResult,
  VolumeCreated,
  Volume,
  VolumeWork,
} from '../api/types.ts';
import { type Field, flag, local, moment, text, type Values } from '../app/forms.ts';
import { known, language, t } from '../app/language.svelte.ts';
import { accountId, actorName } from '../app/names.svelte.ts';
import type { Act, Resource, Tone } from '../app/resource.ts';
import { count, daysLeft, exactly, octets, when } from '../app/show.ts';
import { left, percentFree, whole, workWords } from '../app/volumes.ts';

const MEGABYTE = 2 ** 20;
const cap = (values: Values): { cap: number } => ({ cap: Number(text(values, 'cap') || '0') * MEGABYTE });
const capField: Field = { name: 'cap', label: 'volumes.cap', kind: 'number', begin: '0', least: 0, hint: 'volumes.capHint' }; // prettier-ignore

const stateTone = (row: Volume): Tone =>
  row.away || row.state === 'failed' ? 'bad' : row.state === 'online' && !row.readOnly ? 'ok' : row.state === 'full' ? 'bad' : 'warn'; // prettier-ignore
const stateWords = (row: Volume): string =>
  row.away ? t('volumes.away') : row.readOnly && row.state === 'online' ? t('volumes.readOnly') : known(`volumeState.${row.state}`); // prettier-ignore

const placeFields = (): readonly Field[] => [
  { name: 'place', label: 'volumes.place', needed: true, hint: 'volumes.placeHint' },
  { name: 'endpoint', label: 'volumes.endpoint', hint: 'volumes.endpointHint' },
  { name: 'region', label: 'volumes.region', begin: 'us-east-1', hint: 'volumes.regionHint' },
  { name: 'access', label: 'volumes.access', hint: 'volumes.accessHint' },
  { name: 'secret', label: 'volumes.secret', kind: 'secret', hint: 'volumes.secretHint' },
  { name: 'weight', label: 'volumes.weight', kind: 'number', begin: '1', least: 0, most: 1000, hint: 'volumes.weightHint' },
]; // prettier-ignore

function newVolume(values: Values): object {
  const place = text(values, 'place');
  const weight = Number(text(values, 'weight') || '1');
  if (!place.startsWith('s3://')) return { kind: 'local', path: place, weight };
  const [bucket = '', ...rest] = place.slice('s3://'.length).split('/');
  return {
    kind: 's3', bucket, prefix: rest.join('/'), weight, endpoint: text(values, 'endpoint'),
    region: text(values, 'region'), accessKey: text(values, 'access'), secretKey: text(values, 'secret'),
  }; // prettier-ignore
}

const measured = (one: VolumeProbe): string =>
  t(one.syncMs > 30 ? 'volumes.measuredSlow' : 'volumes.measured', {
    speed: octets(one.octetsPerSecond),
    sync: String(one.syncMs),
    free: one.free === null ? t('volumes.unbounded') : octets(one.free),
  });

const open = (work: VolumeWork | null): boolean =>
  work !== null && (work.state === 'running' || work.state === 'paused');
const onVolume = (what: string): Act<Volume>['run'] => async (row, values) => {
  const body = what === 'drain' || what === 'scan' ? { body: cap(values) } : {};
  await call('POST', `/volumes/${row.id}/${what}`, body);
}; // prettier-ignore

export const volumes: Resource<Volume> = {
  id: 'volumes',
  text: 'volumes.text',
  path: '/volumes',
  key: (row) => row.id,
  title: (row) => t('volumes.title', { number: row.id }),
  one: (row) => `/volumes/${row.id}`,
  columns: [
    { name: 'volumes.number', show: (row) => row.id },
    { name: 'people.state', show: stateWords, kind: 'wide', tone: stateTone },
    { name: 'volumes.place', show: (row) => row.place || t('volumes.ofNodeFile') },
    { name: 'volumes.weight', show: (row) => String(row.weight), kind: 'number' },
    { name: 'volumes.holds', show: (row) => octets(row.octets), kind: 'number' },
    { name: 'volumes.free', show: percentFree, kind: 'number' },
    { name: 'volumes.days', show: (row) => whole(row.daysToFull), kind: 'number' },
    { name: 'volumes.work', show: (row) => workWords(row.work) },
  ],
  facts: (row) => [
    [t('people.state'), stateWords(row)],
    [t('volumes.place'), row.place || t('volumes.ofNodeFile')],
    [t('volumes.weight'), String(row.weight)],
    [t('volumes.holds'), t('volumes.blobs', { size: octets(row.octets), number: count(row.blobs) })],
    [t('volumes.free'), row.total === null ? (row.away ? '' : t('volumes.unbounded')) : `${octets(row.free)} / ${octets(row.total)}`],
    [t('volumes.days'), whole(row.daysToFull)],
    [t('volumes.work'), row.work ? [workWords(row.work), `${octets(row.work.octets)} / ${octets(row.work.total)}`, left(row.work), row.work.cap ? t('volumes.capped', { speed: octets(row.work.cap) }) : ''].filter(Boolean).join('\n') : ''],
    [t('volumes.unreadable'), row.unreadable ? count(row.unreadable) : t('value.none')],
  ], // prettier-ignore
  acts: [
    {
      label: 'volumes.weigh',
      permission: 'node.change',
      fields: (row) => [{ name: 'weight', label: 'volumes.weight', kind: 'number', needed: true, begin: String(row.weight), least: 0, most: 1000, hint: 'volumes.weightHint' }],
      run: async (row, values) => {
        await call('PATCH', `/volumes/${row.id}`, { body: { weight: Number(text(values, 'weight')) }});
      },
    },
    { label: 'volumes.close', permission: 'node.change', fits: (row) => !row.readOnly && row.state !== 'draining', warning: 'volumes.closeText', run: async (row) => { await call('PATCH', `/volumes/${row.id}`, { body: { readOnly: true }}); } },
    { label: 'volumes.open', permission: 'node.change', fits: (row) => row.readOnly, run: async (row) => { await call('PATCH', `/volumes/${row.id}`, { body: { readOnly: false }}); } },
    { label: 'volumes.scan', permission: 'node.change', fits: (row) => !open(row.work), fields: () => [capField], run: onVolume('scan') },
    { label: 'volumes.drain', permission: 'node.change', fits: (row) => !open(row.work) && !['draining', 'empty'].includes(row.state), warning: 'volumes.drainText', fields: () => [capField], run: onVolume('drain') },
    { label: 'volumes.pause', permission: 'node.change', fits: (row) => row.work?.state === 'running', run: onVolume('pause') },
    { label: 'volumes.resume', permission: 'node.change', fits: (row) => row.work?.state === 'paused', run: onVolume('resume') },
    { label: 'volumes.pace', permission: 'node.change', fits: (row) => open(row.work), fields: () => [capField], run: async (row, values) => { await call('PUT', `/volumes/${row.id}/cap`, { body: cap(values) }); } },
    { label: 'volumes.keep', permission: 'node.change', fits: (row) => ['draining', 'empty'].includes(row.state), warning: 'volumes.keepText', run: onVolume('cancel-drain') },
    { label: 'volumes.detach', permission: 'node.change', look: 'bad', fits: (row) => row.state === 'empty', warning: 'volumes.detachText', run: async (row) => { await call('DELETE', `/volumes/${row.id}`); return { go: '/volumes' }; } },
  ], // prettier-ignore
  making: {
    label: 'volumes.new',
    permission: 'node.change',
    text: 'volumes.newText',
    fields: placeFields,
    rehearse: async (values) =>
      measured((await call<VolumeProbe>('POST', '/volumes/probe', { body: newVolume(values) })).value),
    run: async (values) => {
      const made = (await call<VolumeCreated>('POST', '/volumes', { body: newVolume(values) })).value;
      return { text: t('volumes.made', { number: made.id }) };
    },
  },
  whole: [
    {
      label: 'volumes.rebalance',
      permission: 'node.change',
      warning: 'volumes.rebalanceText',
      fields: () => [capField],
      run: async (_asked, values) => {
        await call('POST', '/volumes/rebalance', { body: cap(values) });
      },
    },
    {
      label: 'volumes.tier',
      permission: 'node.change',
      warning: 'volumes.tierText',
      fields: () => [
        { name: 'volume', label: 'volumes.tierTo', kind: 'number', hint: 'volumes.tierToHint' },
        { name: 'days', label: 'volumes.tierDays', kind: 'number', begin: '180', least: 0, hint: 'volumes.tierDaysHint' },
      ],
      run: async (_asked, values) => {
        const body = { volumeId: text(values, 'volume') || null, days: Number(text(values, 'days') || '180') };
        await call('PUT', '/volumes/tier', { body });
      },
    },
  ], // prettier-ignore
  more: () => import('../details/VolumeFindings.svelte'),
};

const alarmTone = (row: Alarm): Tone =>
  row.endedAt ? 'quiet' : row.level === 'critical' ? 'bad' : 'warn'; // prettier-ignore
const alarmState = (row: Alarm): string =>
  row.endedAt ? t('alarms.over') : row.acknowledgedAt ? t('alarms.seen') : known(`alarmLevel.${row.level}`);
/** What an alarm is about, as people call it. */
const subject = (row: Alarm): string => {
  const [kind = '', name = ''] = row.subject.split(':');
  return kind === 'volume' ? t('volumes.title', { number: name }) : name || row.subject;
};
const value = (number: number, unit: string): string =>
  `${count(number)}${language() === 'en' && unit !== 'percent' ? ' ' : ''}${known(`alarmUnit.${unit.replaceAll(' ', '-')}`)}`;

export const alarms: Resource<Alarm> = {
  id: 'alarms',
  text: 'alarms.text',
  empty: 'alarms.empty',
  path: '/alarms',
  base: () => ({ days: 30 }),
  key: (row) => row.id,
  title: (row) => known(`alarm.${row.condition}`),
  columns: [
    { name: 'alarms.condition', show: (row) => known(`alarm.${row.condition}`) },
    { name: 'people.state', show: alarmState, kind: 'wide', tone: alarmTone },
    { name: 'alarms.value', show: (row) => value(row.value, row.unit), kind: 'number' },
    { name: 'alarms.of', show: subject },
    { name: 'alarms.since', show: (row) => when(row.since), kind: 'time' },
  ],
  facts: (row) => [
    [t('people.state'), alarmState(row)],
    [t('alarms.level'), known(`alarmLevel.${row.level}`)],
    [t('alarms.value'), value(row.value, row.unit)],
    [t('alarms.peak'), value(row.peak, row.unit)],
    [t('alarms.of'), subject(row) || t('alarms.whole')],
    [t('alarms.since'), exactly(row.since)],
    [t('alarms.told'), exactly(row.toldAt)],
    [t('alarms.seenBy'), row.acknowledgedAt ? `${actorName(row.acknowledgedBy)}\n${exactly(row.acknowledgedAt)}` : ''],
    [t('alarms.ended'), exactly(row.endedAt)],
    [t('alarms.todo'), known(`alarmHelp.${row.condition}`)],
  ],
  acts: [
    {
      label: 'alarms.see',
      permission: 'node.change',
      look: 'filled',
      fits: (row) => !row.endedAt && !row.acknowledgedAt,
      run: async (row) => {
        await call('POST', `/alarms/${row.id}/acknowledge`);
      },
    },
    {
      label: 'alarms.silence',
      permission: 'node.change',
      fits: (row) => !row.endedAt,
      fields: () => silenceFields(),
      run: async (row, values) => silence(row.condition, values),
    },
  ],
};

const silenceFields = (): readonly Field[] => [
  { name: 'until', label: 'alarms.silentUntil', kind: 'moment', needed: true, begin: local(new Date(Date.now() + 4 * 3_600_000)), hint: 'alarms.silentHint' },
]; // prettier-ignore

async function silence(condition: string, values: Values): Promise<void> {
  await call('PATCH', `/alarm-rules/${condition}`, { body: { silentUntil: moment(values, 'until') } });
}

const silent = (row: AlarmRule): boolean => row.silentUntil !== null && Date.parse(row.silentUntil) > Date.now();
const bound = (row: AlarmRule, number: number): string =>
  `${row.direction === 'above' ? '≥' : '≤'} ${value(number, row.unit)}`;

export const alarmRules: Resource<AlarmRule> = {
  id: 'alarmRules',
  text: 'alarmRules.text',
  path: '/alarm-rules',
  key: (row) => row.name,
  title: (row) => known(`alarm.${row.name}`),
  columns: [
    { name: 'alarms.condition', show: (row) => known(`alarm.${row.name}`) },
    { name: 'people.state', show: (row) => t(!row.enabled ? 'value.off' : silent(row) ? 'alarms.silent' : 'value.on'), kind: 'wide', tone: (row) => (!row.enabled ? 'quiet' : silent(row) ? 'warn' : 'ok') },
    { name: 'alarmLevel.warning', show: (row) => bound(row, row.warning), kind: 'number' },
    { name: 'alarmLevel.critical', show: (row) => bound(row, row.critical), kind: 'number' },
  ], // prettier-ignore
  facts: (row) => [
    [t('alarmLevel.warning'), bound(row, row.warning)],
    [t('alarmLevel.critical'), bound(row, row.critical)],
    [t('alarmRules.quiet'), t('alarmRules.minutes', { number: count(row.quietMinutes) })],
    [t('alarms.silentUntil'), silent(row) ? exactly(row.silentUntil) : ''],
    [t('alarms.todo'), known(`alarmHelp.${row.name}`)],
  ],
  acts: [
    {
      label: 'alarmRules.change',
      permission: 'node.change',
      fields: (row) => [
        { name: 'enabled', label: 'alarmRules.enabled', kind: 'flag', begin: row.enabled },
        { name: 'warning', label: 'alarmLevel.warning', kind: 'number', needed: true, begin: String(row.warning), least: 0, hint: 'alarmRules.boundHint' },
        { name: 'critical', label: 'alarmLevel.critical', kind: 'number', needed: true, begin: String(row.critical), least: 0, hint: 'alarmRules.criticalHint' },
        { name: 'quiet', label: 'alarmRules.quiet', kind: 'number', needed: true, begin: String(row.quietMinutes), least: 1, most: 43_200, hint: 'alarmRules.quietHint' },
      ],
      run: async (row, values) => {
        const body = {
          enabled: flag(values, 'enabled'), warning: Number(text(values, 'warning')),
          critical: Number(text(values, 'critical')), quietMinutes: Number(text(values, 'quiet')),
        };
        await call('PATCH', `/alarm-rules/${row.name}`, { body });
      },
    },
    { label: 'alarms.silence', permission: 'node.change', fits: (row) => !silent(row), fields: silenceFields, run: (row, values) => silence(row.name, values) },
    { label: 'alarms.speak', permission: 'node.change', fits: silent, run: async (row) => { await call('PATCH', `/alarm-rules/${row.name}`, { body: { silentUntil: new Date().toISOString() } }); } },
  ], // prettier-ignore
  whole: [
    {
      label: 'alarmRules.test',
      permission: 'node.change',
      run: async () => {
        const told = (await call<AlarmTestResult>('POST', '/alarms/test', { body: { way: 'mail' } })).value;
        return { text: t('alarmRules.tested', { number: count(told.readers) }) };
      },
    },
    {
      label: 'alarmRules.ways',
      permission: 'node.change',
      warning: 'alarmRules.waysText',
      fields: () => [
        { name: 'host', label: 'alarmRules.host', hint: 'alarmRules.hostHint' },
        { name: 'port', label: 'alarmRules.port', kind: 'number', begin: '25', least: 1, most: 65_535 },
        { name: 'tls', label: 'alarmRules.tls', kind: 'choice', options: ['starttls', 'tls', 'none'], word: (one) => known(`securing.${one}`) },
        { name: 'to', label: 'alarmRules.to', kind: 'lines', hint: 'alarmRules.toHint' },
      ],
      run: async (_asked, values) => {
        const to = text(values, 'to').split(/[\n,]/).map((one) => one.trim()).filter(Boolean);
        const host = text(values, 'host');
        await call('PUT', '/alarms/channels', { body: { host, port: Number(text(values, 'port') || '25'), tls: text(values, 'tls'), to } });
        if (host) await call('POST', '/alarms/test', { body: { way: 'relay' } });
      },
    },
  ], // prettier-ignore
};

const ending = (row: TemporaryAccount): Tone => (daysLeft(row.endsAt) < 0 ? 'bad' : daysLeft(row.endsAt) < 14 ? 'warn' : 'ok'); // prettier-ignore

export const temporary: Resource<TemporaryAccount> = {
  id: 'temporary',
  text: 'temporary.text',
  empty: 'temporary.empty',
  path: '/temporary-accounts',
  key: (row) => row.accountId,
  title: (row) => row.address,
  columns: [
    { name: 'people.address', show: (row) => row.address },
    { name: 'temporary.ends', show: (row) => when(row.endsAt), kind: 'wide', tone: ending },
    { name: 'temporary.sponsor', show: (row) => row.sponsor },
    { name: 'temporary.asked', show: (row) => when(row.askedUntil), kind: 'time' },
  ],
  facts: (row) => [
    [t('temporary.ends'), exactly(row.endsAt)],
    [t('temporary.sponsor'), row.sponsor],
    [t('temporary.heir'), row.mustTakeOver],
    [t('temporary.asked'), exactly(row.askedUntil)],
    [t('form.reason'), row.reason],
  ],
  acts: [
    {
      label: 'temporary.extend',
      permission: 'account.change',
      fits: (row) => row.askedUntil === null,
      fields: () => [
        { name: 'until', label: 'temporary.ends', kind: 'moment', needed: true, hint: 'temporary.untilHint' },
        { name: 'reason', label: 'form.reason', needed: true },
      ],
      run: async (row, values) => {
        const body = { until: moment(values, 'until'), reason: text(values, 'reason') };
        await call('POST', `/temporary-accounts/${row.accountId}/extension`, { body });
        return { text: t('temporary.waits') };
      },
    },
    { label: 'temporary.grant', permission: 'account.change', look: 'filled', fits: (row) => row.askedUntil !== null, run: async (row) => { await call('PUT', `/temporary-accounts/${row.accountId}/extension`, { body: { granted: true } }); } },
    { label: 'temporary.refuse', permission: 'account.change', fits: (row) => row.askedUntil !== null, run: async (row) => { await call('PUT', `/temporary-accounts/${row.accountId}/extension`, { body: { granted: false } }); } },
    {
      label: 'temporary.setSponsor',
      permission: 'account.change',
      fields: () => [{ name: 'sponsor', label: 'temporary.sponsor', kind: 'person', needed: true, hint: 'temporary.sponsorHint' }],
      run: async (row, values) => {
        await call('PUT', `/temporary-accounts/${row.accountId}/sponsor`, { body: { sponsor: await accountId(text(values, 'sponsor')) } });
      },
    },
  ], // prettier-ignore
  making: {
    label: 'temporary.new',
    permission: 'account.change',
    fields: () => [
      { name: 'name', label: 'people.name', needed: true },
      { name: 'address', label: 'people.address', kind: 'email', needed: true, hint: 'people.addressHint' },
      { name: 'until', label: 'temporary.ends', kind: 'moment', needed: true, begin: local(new Date(Date.now() + 90 * 86_400_000)), hint: 'temporary.untilHint' },
      { name: 'sponsor', label: 'temporary.sponsor', kind: 'person', needed: true, hint: 'temporary.sponsorHint' },
      { name: 'inside', label: 'temporary.inside', kind: 'flag', begin: true, hint: 'temporary.insideHint' },
      { name: 'reason', label: 'form.reason' },
    ],
    run: async (values) => {
      const body = {
        name: text(values, 'name'), address: text(values, 'address'), endsAt: moment(values, 'until'),
        sponsor: await accountId(text(values, 'sponsor')), insideOnly: flag(values, 'inside'), reason: text(values, 'reason'),
      };
      await call('POST', '/temporary-accounts', { body });
    },
  }, // prettier-ignore
};
