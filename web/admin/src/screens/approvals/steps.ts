/** Steps of an approval line (결재선): as the API writes them, as a form has them, and in words. */
import { type Field, lines, text, type Values } from '../../app/forms.ts';
import { known, t } from '../../app/language.svelte.ts';
import { groupName } from '../../app/names.svelte.ts';

export const KINDS = ['manager', 'people', 'post', 'group', 'administrators', 'system'] as const;
const ENDS = ['reject', 'approve', 'keep'] as const;
const NEEDS = ['any', 'all', 'some'] as const;
const MOST_HOURS = 1000;

/** What may be named. */
export interface Named {
  duties: readonly string[];
  groups: readonly { id: string; name: string }[];
}

export const newStep = (): Values => stepOf('manager');

/** Who is named, `manager:2:팀장` for one, as values of a form; `to`: the name of each begins so. */
function whoOf(written: string, to = ''): Values {
  const at = written.indexOf(':');
  const kind = at < 0 ? written : written.slice(0, at);
  const rest = at < 0 ? '' : written.slice(at + 1);
  const [levels, duty] = kind === 'manager' ? rest.split(':') : [];
  const said = {
    who: kind, levels: levels || '1', duty: duty ?? '', people: '', post: '', group: '', system: '',
    [kind]: kind === 'people' ? rest.split(',').join('\n') : rest,
  }; // prettier-ignore
  return Object.fromEntries(Object.entries(said).map(([name, value]) => [to + name, value]));
}

function whoWritten(values: Values, to = ''): string {
  const kind = text(values, `${to}who`);
  if (kind === 'administrators') return kind;
  if (kind === 'people') return `people:${lines(values, `${to}people`).join(',')}`;
  if (kind !== 'manager') return `${kind}:${text(values, to + kind)}`;
  const duty = text(values, `${to}duty`);
  return `manager:${text(values, `${to}levels`)}${duty ? `:${duty}` : ''}`;
}

/** A step as the API writes it, as values of a form. */
export function stepOf(written: string): Values {
  const [who = '', ...rest] = written.split(' ');
  const said = Object.fromEntries(rest.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]));
  const need = said.need ?? 'any';
  const some = /^\d+$/.test(need);
  return {
    ...whoOf(who),
    need: some ? 'some' : need,
    votes: some ? need : '2',
    escalate: said.escalate ?? '4',
    decide: said.decide ?? '16',
    end: said.end ?? 'reject',
    ...(said.to ? whoOf(said.to, 'to.') : { ...whoOf('manager', 'to.'), 'to.who': '' }),
  };
}

export function stepWritten(values: Values): string {
  const said = (name: string): string => text(values, name);
  const to = said('to.who') && Number(said('escalate')) > 0 ? [`to=${whoWritten(values, 'to.')}`] : [];
  const need = said('who') === 'system' ? [] : [`need=${said('need') === 'some' ? said('votes') : said('need')}`];
  const hours = ['escalate', 'decide', 'end'].map((name) => `${name}=${said(name)}`);
  return [whoWritten(values), ...need, ...hours, ...to].join(' ');
}

/** The fields of who is named, as far as that has been chosen. */
function whoFields(values: Values, named: Named, to = ''): Field[] {
  const all: Partial<Record<string, Field[]>> = {
    manager: [
      { name: `${to}levels`, label: 'line.levels', kind: 'number', needed: true, least: 1, most: 32, hint: 'line.levelsHint' },
      { name: `${to}duty`, label: 'line.duty', kind: 'choice', options: ['', ...named.duties], word: (one) => one || t('line.highest'), hint: 'line.dutyHint' },
    ],
    people: [{ name: `${to}people`, label: 'line.people', kind: 'lines', needed: true, hint: 'line.peopleHint' }],
    post: [{ name: `${to}post`, label: 'line.post', kind: 'email', needed: true, hint: 'line.postHint' }],
    group: [{ name: `${to}group`, label: 'line.group', kind: 'choice', needed: true, options: ['', ...named.groups.map((one) => one.id)], word: (id) => named.groups.find((one) => one.id === id)?.name ?? (id || t('value.none')), hint: 'line.groupHint' }],
    system: [{ name: `${to}system`, label: 'line.system', needed: true, hint: 'line.systemHint' }],
  }; // prettier-ignore
  return all[text(values, `${to}who`)] ?? [];
}

/** Who decides in a step, and how many of them have to. */
export function stepFields(values: Values, named: Named): Field[] {
  const kind = text(values, 'who');
  return [
    { name: 'who', label: 'line.who', kind: 'choice', options: KINDS, word: (one) => known(`lineWho.${one}`), hint: 'line.whoHint' },
    ...whoFields(values, named),
    ...(kind === 'system' ? [] : [{ name: 'need', label: 'line.need', kind: 'choice', options: NEEDS, word: (one) => known(`lineNeed.${one}`), hint: 'line.needHint' } as Field]),
    ...(kind !== 'system' && text(values, 'need') === 'some' ? [{ name: 'votes', label: 'line.votes', kind: 'number', needed: true, least: 1, most: 100, hint: 'line.votesHint' } as Field] : []),
  ]; // prettier-ignore
}

/** What happens when nobody decides. */
export function timeFields(values: Values, named: Named): Field[] {
  const kinds = ['', ...KINDS.filter((one) => one !== 'system')];
  const escalates = Number(text(values, 'escalate')) > 0;
  return [
    { name: 'escalate', label: 'line.escalate', kind: 'number', needed: true, unit: 'hours', zero: 'unused', least: 0, most: MOST_HOURS, hint: 'line.escalateHint' },
    ...(escalates ? [{ name: 'to.who', label: 'line.to', kind: 'choice', options: kinds, word: (one) => (one ? known(`lineWho.${one}`) : t('line.next')), hint: 'line.toHint' } as Field, ...whoFields(values, named, 'to.')] : []),
    { name: 'decide', label: 'line.decide', kind: 'number', needed: true, unit: 'hours', zero: 'unlimited', least: 0, most: MOST_HOURS, hint: 'line.decideHint' },
    ...(Number(text(values, 'decide')) > 0 ? [{ name: 'end', label: 'line.end', kind: 'choice', options: ENDS, word: (one) => known(`lineEnd.${one}`), hint: 'line.endHint' } as Field] : []),
  ]; // prettier-ignore
}

function whoWords(values: Values, to = ''): string {
  const said = (name: string): string => text(values, to + name);
  const kind = said('who');
  if (kind === 'people') return lines(values, `${to}people`).join(', ');
  if (kind === 'post') return t('lineSays.post', { post: said('post') });
  if (kind === 'group') return t('lineSays.group', { group: groupName(said('group')) });
  if (kind === 'system') return t('lineSays.system', { system: said('system') });
  if (kind !== 'manager') return known(`lineWho.${kind}`);
  const who = said('duty') || t('lineSays.manager');
  const above = Number(said('levels')) - 1;
  return above > 0 ? t('lineSays.above', { levels: String(above), who }) : who;
}

/** Who decides, and how many of them have to: one line. */
export function stepWords(written: string): string {
  const values = stepOf(written);
  const need = text(values, 'need');
  const votes =
    need === 'some'
      ? t('lineSays.some', { count: text(values, 'votes') })
      : need === 'all'
        ? known('lineNeed.all')
        : '';
  return [whoWords(values), votes].filter(Boolean).join(' · ');
}

/** What happens when nobody decides: one line. */
export function timeWords(values: Values): string {
  const [escalate, decide] = [text(values, 'escalate'), text(values, 'decide')];
  const to = text(values, 'to.who') ? whoWords(values, 'to.') : t('line.next');
  return [
    Number(escalate) > 0 ? t('lineSays.escalate', { hours: escalate, to }) : '',
    Number(decide) > 0
      ? t('lineSays.decide', { hours: decide, end: known(`lineEnd.${text(values, 'end')}`) })
      : t('lineSays.forever'),
  ]
    .filter(Boolean)
    .join(', ');
}
