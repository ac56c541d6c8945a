/** 정기발송: letters that the server sends again and again. The letter lies among planned mail as long as it goes on. */
import { MethodFailure } from '@smartmail/jmap/errors.ts';
import type { GetResult, SetResult } from '@smartmail/jmap/methods.ts';
import { type Email, type Id, ROW_PROPERTIES, type UtcDate } from '@smartmail/jmap/types.ts';
import { composing } from './composing.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { longDate, wallClock } from '../app/format.svelte.ts';
import { language, t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { settings } from '../app/settings.svelte.ts';
import { mailboxFor } from './planning.ts';

export interface Rule {
  every: 'day' | 'weekday' | 'week' | 'month';
  /** 1 is Monday. */
  days: number[];
  /** Of a month; a shorter one has its last day instead. */
  day: number | null;
  time: string;
  timeZone: string;
  until: string | null;
  count: number | null;
  /** What becomes of a turn on a weekend or a holiday: policy names them. */
  onHoliday: OnHoliday;
}

export type OnHoliday = 'keep' | 'before' | 'after';

export type Reason = '' | 'suspended' | 'policy' | 'recipients' | 'sender' | 'large' | 'limit';

export interface RecurringMail extends Rule {
  id: Id;
  emailId: Id;
  state: 'active' | 'paused' | 'held';
  reason: Reason;
  nextAt: UtcDate | null;
  turns: number;
}

export interface Listed extends RecurringMail {
  email: Email;
}

export const LAST_DAY = 31;
const WEEK = 7;
/** A Monday. */
const MONDAY = Date.UTC(2024, 0, 1);

export const ownZone = (): string =>
  settings.of('timeZone') || new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

/** What the dialog begins with: each week on this day, at nine. */
export function usualRule(now: Date): Rule {
  const days = [now.getDay() || WEEK];
  const rule = { days, day: null, time: '09:00', timeZone: ownZone(), until: null, count: null };
  return { every: 'week', ...rule, onHoliday: 'keep' };
}

export function dayName(day: number, form: 'short' | 'long' = 'short'): string {
  return new Intl.DateTimeFormat(language(), { weekday: form, timeZone: 'UTC' }).format(
    MONDAY + (day - 1) * 86_400_000,
  );
}

/** 매주 월·수 오전 9:00, 휴일이면 다음 영업일 */
export function ruleText(rule: Rule): string {
  const { every, day } = rule;
  const time = wallClock(rule.time);
  const days = rule.days.map((one) => dayName(one)).join('·');
  const last = every === 'month' && day === LAST_DAY;
  const when = t(last ? 'repeat.as.monthEnd' : `repeat.as.${every}`, { time, days, day: day ?? 0 });
  const words = rule.onHoliday === 'keep' ? when : t(`repeat.as.${rule.onHoliday}`, { when });
  return rule.timeZone === ownZone() ? words : `${words} (${rule.timeZone})`;
}

/** The next to leave first; what waits for its person is at the end. */
export async function loadRecurring(): Promise<Listed[]> {
  const { account } = connection;
  if (!account) return [];
  const { pipeline } = account;
  const [plans, emails] = await Promise.all(
    pipeline.group(() => {
      const get = pipeline.send<GetResult<RecurringMail>>('RecurringMail/get', { ids: null });
      const ids = get.ref('/list/*/emailId');
      const rows = pipeline.send<GetResult<Email>>('Email/get', { '#ids': ids, properties: ROW_PROPERTIES });
      return [get.result, rows.result] as const;
    }),
  );
  const known = new Map(emails.list.map((email) => [email.id, email]));
  const last = '~';
  return plans.list
    .flatMap((plan) => {
      const email = known.get(plan.emailId);
      return email ? [{ ...plan, email }] : [];
    })
    .sort((one, other) => (one.nextAt ?? last).localeCompare(other.nextAt ?? last));
}

/** The window closes once the server has taken the letter over; with a refusal it stays, every word in it. */
export async function repeat(draft: Draft, rule: Rule): Promise<void> {
  const { account } = connection;
  if (!account || !draft.identity) return;
  try {
    await draft.fixLinks(draft.recipients);
    await draft.save();
    if (draft.draftId === null || draft.saving === 'failed') throw new Error('the draft is not stored');
    await mailboxFor('scheduled');
    const create = { made: { emailId: draft.draftId, identityId: draft.identity.id, ...rule } };
    const result = await account.pipeline.send<SetResult>('RecurringMail/set', { create }).result;
    const error = result.notCreated?.made;
    if (error) throw new MethodFailure(error.type, error.description ?? '');
    const { nextAt } = (result.created?.made ?? {}) as Partial<RecurringMail>;
    composing.drafts = composing.drafts.filter((each) => each !== draft);
    await draft.close();
    draft.linked?.left(true);
    notices.show(t('repeat.begun', { time: nextAt ? longDate(nextAt) : '' }));
  } catch (error) {
    refused(error);
  }
}

/** Another rule, stopped, or going on. */
export async function change(
  one: RecurringMail,
  patch: Partial<Rule> & { state?: 'active' | 'paused' },
): Promise<void> {
  await set({ update: { [one.id]: patch } }, t(patch.state === 'paused' ? 'repeat.stopped' : 'repeat.changed'));
}

/** The letter is a draft again. */
export async function end(one: RecurringMail): Promise<void> {
  await set({ destroy: [one.id] }, t('repeat.ended'));
}

async function set(args: Record<string, unknown>, done: string): Promise<void> {
  try {
    const result = await connection.account?.pipeline.send<SetResult>('RecurringMail/set', args).result;
    const [error] = Object.values({ ...result?.notUpdated, ...result?.notDestroyed });
    if (error) throw new MethodFailure(error.type, error.description ?? '');
    notices.show(done);
  } catch (error) {
    refused(error);
  }
}

function refused(error: unknown): void {
  connection.failed(error);
  notices.show(why(error), { tone: 'bad' });
}

function why(error: unknown): string {
  const { type, description } = error instanceof MethodFailure ? error : { type: '', description: '' };
  if (type === 'forbidden') return t('repeat.why.policy');
  if (type === 'invalidRecipients') return t('repeat.why.recipients');
  if (description.startsWith('until')) return t('repeat.why.until');
  return t(type === 'rateLimit' ? 'repeat.tooMany' : 'repeat.failed');
}
