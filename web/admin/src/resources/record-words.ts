/** Records in the words of whoever reads them: what was done, to whom, by whom. Codes stay behind "기록 코드". */
import { type AdminKey, has, known, t } from '../app/language.svelte.ts';
import { accountName, actorName, groupName } from '../app/names.svelte.ts';

interface Told {
  action: string;
  object: string;
  actor: string;
  accountId?: string | null;
}

/** What records are about, by what their codes begin with; what people filter by. */
export const THINGS = [
  'access', 'login', 'account', 'person', 'credential', 'factor', 'device', 'session', 'pass', 'access-rule', 'leak-rule', 'leak-incident',
  'leak-exception', 'abroad',
  'role', 'assignment', 'proposal', 'approval', 'approval-line', 'approval-deputy', 'policy', 'organization', 'domain',
  'department', 'group', 'title', 'list', 'directory', 'leaver', 'share', 'mail', 'message', 'attachment', 'big-file', 'big-link', 'parcel', 'filter',
  'recurring', 'reminder', 'invitation', 'contacts', 'note', 'submission', 'receipt', 'pull', 'queue', 'quarantine',
  'security-label', 'secure-mail',
  'sender', 'sending', 'relay', 'route', 'rules', 'authentication', 'trust', 'defence', 'case', 'investigation', 'purge',
  'hold', 'record', 'review', 'audit', 'journal', 'key', 'keys', 'certificate', 'acme', 'backup', 'database', 'volume',
  'process', 'job', 'alarm', 'report', 'siem', 'webhook', 'update', 'geo', 'oauth', 'consent', 'bulletin', 'work',
  'post', 'appearance', 'photograph', 'team-template', 'recovery', 'installation', 'names', 'act',
] as const; // prettier-ignore

/** A code in words: `account.create` → 계정 생성. What has a text of its own (`record.…`) says that. */
export function actionWords(action: string): string {
  if (has(`record.${action}`)) return t(`record.${action}` as AdminKey);
  const [thing = '', ...rest] = action.split('.');
  if (thing === 'login') return t('records.login', { result: known(`login.${rest.join('.')}`) });
  for (let length = rest.length; length > 0; length -= 1) {
    const done = `recordDone.${rest.slice(0, length).join('.')}`;
    if (!has(done)) continue;
    const said = t('records.said', { thing: known(`recordOf.${thing}`), done: t(done) });
    const detail = rest.slice(length).join('.');
    return detail ? t('records.detail', { said, detail }) : said;
  }
  return action;
}

/** `account:12` and the like as `[kind, value]`; ids between commas stay together. */
function partsOf(object: string): [string, string][] {
  return object
    .split(' ')
    .filter(Boolean)
    .map((one) => {
      const at = one.indexOf(':');
      return at < 0 ? [one, ''] : [one.slice(0, at), one.slice(at + 1)];
    });
}

const LONG = 24;
const short = (value: string): string => (value.length > LONG ? `${value.slice(0, LONG)}…` : value);

/** How many a record names at once: `count:100 ids:…`. */
function counted(object: string): number {
  const parts = partsOf(object);
  const count = parts.find(([kind]) => kind === 'count')?.[1];
  return Number(count ?? parts.find(([kind]) => kind === 'ids')?.[1].split(',').length ?? 0);
}

function part([kind, value]: [string, string]): string {
  if (kind === 'account') return accountName(value);
  if (kind === 'group') return groupName(value);
  if (kind === 'door') return known(`door.${value}`);
  if (kind === 'alarm' && has(`alarm.${value}`)) return known(`alarm.${value}`);
  return value === '' ? known(`object.${kind}`) : `${known(`object.${kind}`)} ${short(value)}`;
}

/** What says nothing to a reader, or stands elsewhere: ids are told apart, below. */
const FOLDED = ['count', 'ids', 'organization', 'credential'];

/** The object without what the reader knows (their company) and with ids folded into a number. */
export function objectWords(one: Pick<Told, 'action' | 'object'>): string {
  const many = counted(one.object);
  const others = partsOf(one.object).filter(([kind]) => !FOLDED.includes(kind));
  const told = others.map(part);
  // A person's own data: their name stands there already, and no mail was looked at.
  if (many > 0 && one.action !== 'access.profile')
    told.push(t(one.action === 'access.people' ? 'records.people' : 'records.mails', { count: many }));
  return told.join(' · ');
}

/** Ids that are folded, for who wants them. */
export function idsOf(object: string): string {
  return partsOf(object)
    .filter(([kind]) => kind === 'ids' || kind === 'credential')
    .map(([kind, value]) => (kind === 'ids' ? value.replaceAll(',', ', ') : `${known('object.credential')} ${value}`))
    .join(' · ');
}

export function whoWords(actor: string): string {
  return actor === 'system' || actor === 'cli' ? known(`actor.${actor}`) : actorName(actor);
}

/** A login: who, through what, and why not. Whose name is not known has no account. */
function loginSentence(one: Told): string {
  const door = objectWords(one);
  const result = one.action.slice('login.'.length);
  if (result === 'ok') return t('records.cameIn', { actor: whoWords(one.actor), way: door });
  const why = { way: door, result: known(`login.${result}`) };
  return one.actor ? t('records.keptOut', { actor: whoWords(one.actor), ...why }) : t('records.strangerOut', why);
}

/** The whole record as one sentence. */
export function sentence(one: Told): string {
  if (one.action.startsWith('login.')) return loginSentence(one);
  const whole = `said.${one.action}`;
  if (has(whole)) {
    const whom = one.accountId ?? partsOf(one.object).find(([kind]) => kind === 'account')?.[1];
    return t(whole, { actor: whoWords(one.actor), whom: whom ? accountName(whom) : '', count: counted(one.object) });
  }
  const object = objectWords(one);
  const said = object
    ? t('records.detail', { said: actionWords(one.action), detail: object })
    : actionWords(one.action);
  return one.actor === 'system'
    ? t('records.automatic', { said })
    : t('records.by', { actor: whoWords(one.actor), said });
}
