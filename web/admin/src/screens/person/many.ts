/** What can be done with many accounts at once: one request each, so that each leaves its own record and may fail alone. */
import { all, ApiError, call, get } from '../../api/client.ts';
import type { Account, GroupMember, Person } from '../../api/types.ts';
import { failureText } from '../../app/failure.ts';
import { type Field, text, type Values } from '../../app/forms.ts';
import { type AdminKey, t } from '../../app/language.svelte.ts';
import { departments, groups } from '../../app/names.svelte.ts';

/** More than this is work for a table: an import rehearses and takes back thousands. */
export const MOST = 500;
const AT_ONCE = 4;
const PAUSE_MS = 2_000;

type Undo = () => Promise<void>;
export interface ManyAct {
  label: AdminKey;
  permission: string;
  text?: AdminKey;
  fields?: () => readonly Field[];
  /** Whom of them it is for, known before anything is done. */
  fits: (values: Values) => Promise<(one: Account) => boolean>;
  /** Does it, and returns how it is undone where it can be. */
  run: (one: Account, values: Values) => Promise<Undo | undefined>;
}
export interface Outcome {
  done: number;
  failed: { name: string; why: string }[];
  undo: Undo[];
}

const at = (one: Account): string => `/accounts/${one.id}`;
const isOpen = (one: Account): boolean => !['closed', 'leaving'].includes(one.state);
const reason: Field = { name: 'reason', label: 'form.reason', needed: true };
const simply =
  (fits: (one: Account) => boolean): ManyAct['fits'] =>
  () =>
    Promise.resolve(fits);

const move: ManyAct = {
  label: 'people.move',
  permission: 'account.change',
  fields: () => [
    {
      name: 'department',
      label: 'people.department',
      kind: 'choice',
      options: departments.rows.map((one) => one.code),
      word: (code) => departments.rows.find((one) => one.code === code)?.name ?? code,
    },
  ],
  fits: (values) => {
    const name = departments.rows.find((one) => one.code === text(values, 'department'))?.name;
    return Promise.resolve((one) => one.kind === 'person' && isOpen(one) && one.department !== name);
  },
  run: async (one, values) => {
    const before = (await get<Person>(`${at(one)}/person`)).seats.map(({ code, duty }) => ({ department: code, duty }));
    const to = text(values, 'department');
    // The primary seat moves; others that somebody holds beside it stay.
    const others = before.slice(1).filter((seat) => seat.department !== to);
    const put = async (seats: object[]): Promise<void> => {
      await call('PATCH', `${at(one)}/person`, { body: { seats } });
    };
    await put([{ department: to, duty: before[0]?.duty ?? '' }, ...others]);
    return () => put(before);
  },
};

const join: ManyAct = {
  label: 'people.join',
  permission: 'group.change',
  fields: () => [
    {
      name: 'group',
      label: 'people.group',
      kind: 'choice',
      options: groups.rows.map((one) => one.id),
      word: (id) => groups.rows.find((one) => one.id === id)?.name ?? id,
    },
  ],
  fits: async (values) => {
    const members = await all<GroupMember>(`/groups/${text(values, 'group')}/members`, {}, 100_000);
    const inside = new Set(members.map((one) => one.accountId));
    return (one) => !inside.has(one.id) && isOpen(one);
  },
  run: async (one, values) => {
    const member = `/groups/${text(values, 'group')}/members/${one.id}`;
    await call('PUT', member);
    return async () => {
      await call('DELETE', member);
    };
  },
};

const suspend: ManyAct = {
  label: 'people.suspend',
  permission: 'account.change',
  text: 'people.suspendText',
  fields: () => [reason],
  fits: simply((one) => one.kind === 'person' && ['active', 'dormant'].includes(one.state)),
  run: async (one, values) => {
    await call('PUT', `${at(one)}/absence`, { body: { kind: 'leave', shut: true, reason: text(values, 'reason') } });
    return async () => {
      await call('POST', `${at(one)}/return`, { body: {} });
    };
  },
};

const resume: ManyAct = {
  label: 'people.resume',
  permission: 'account.change',
  fits: simply((one) => one.state === 'suspended'),
  run: async (one) => {
    await call('POST', `${at(one)}/return`, { body: {} });
    return undefined;
  },
};

const signOut: ManyAct = {
  label: 'people.endAll',
  permission: 'account.sessions',
  text: 'people.endAllText',
  fits: simply((one) => one.kind === 'person'),
  run: async (one) => {
    await call('POST', `${at(one)}/end-sessions`);
    return undefined;
  },
};

export const manyActs: readonly ManyAct[] = [move, join, suspend, resume, signOut];

/** What it would meet, in a sentence. */
export async function rehearse(act: ManyAct, chosen: readonly Account[], values: Values): Promise<string> {
  const fits = await act.fits(values);
  const met = chosen.filter(fits).length;
  if (met === chosen.length) return t('people.manyAll', { count: met });
  return t('people.manySome', { count: met, all: chosen.length, others: chosen.length - met });
}

/** Does it to whom it fits, a few at a time; one that fails stops no other. */
export async function perform(
  act: ManyAct,
  chosen: readonly Account[],
  values: Values,
  ondone: (done: number, all: number) => void,
): Promise<Outcome> {
  const waiting = chosen.filter(await act.fits(values));
  const all = waiting.length;
  const outcome: Outcome = { done: 0, failed: [], undo: [] };
  const worker = async (): Promise<void> => {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      try {
        const undo = await patiently(act, one, values);
        outcome.done += 1;
        if (undo) outcome.undo.push(undo);
      } catch (error) {
        outcome.failed.push({ name: one.name, why: failureText(error) });
      }
      ondone(outcome.done + outcome.failed.length, all);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return outcome;
}

/** The server's budget of calls fills up again: what came too fast waits. */
async function patiently(act: ManyAct, one: Account, values: Values): Promise<Undo | undefined> {
  try {
    return await act.run(one, values);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 429) throw error;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    return act.run(one, values);
  }
}
