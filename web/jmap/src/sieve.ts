/** Sieve scripts over JMAP (RFC 9661), and what one would do with mail that is there (ours). */
import type { Account } from './account.ts';
import { MethodFailure } from './errors.ts';
import type { GetResult, SetResult } from './methods.ts';
import type { Id } from './types.ts';

export interface SieveScript {
  id: Id;
  name: string;
  blobId: Id;
  isActive: boolean;
}

export interface HeldScript {
  id: Id | null;
  text: string;
  /** Of all scripts: what is saved on top of another one is refused. */
  state: string;
}

export interface Foreseen {
  id: Id;
  mailboxIds: Record<Id, true> | null;
  missing: string[];
  keywords: Record<string, true>;
  sends: boolean;
}

const NAME = 'SmartMail';
const TYPE = 'application/sieve';

/** The active script; without one an empty text. */
export async function activeScript(account: Account): Promise<HeldScript> {
  const answer = await account.pipeline.send<GetResult<SieveScript>>('SieveScript/get', { ids: null }).result;
  const active = answer.list.find((script) => script.isActive);
  if (!active) return { id: null, text: '', state: answer.state };
  const blobs = account.pipeline.send<{ list: { 'data:asText': string | null }[] }>('Blob/get', {
    ids: [active.blobId],
    properties: ['data:asText'],
  });
  const text = (await blobs.result).list[0]?.['data:asText'];
  if (typeof text !== 'string') throw new MethodFailure('invalidSieve');
  return { id: active.id, text, state: answer.state };
}

export async function saveScript(account: Account, held: HeldScript, text: string): Promise<HeldScript> {
  const blobId = await uploaded(account, text);
  const change =
    held.id === null
      ? { create: { new: { name: await freeName(account), blobId } }, onSuccessActivateScript: '#new' }
      : { update: { [held.id]: { blobId } }, onSuccessActivateScript: held.id };
  const answer = await account.pipeline.send<SetResult>('SieveScript/set', { ifInState: held.state, ...change }).result;
  const refused = answer.notCreated?.new ?? (held.id === null ? undefined : answer.notUpdated?.[held.id]);
  if (refused) throw new MethodFailure(refused.type, refused.description ?? '');
  return { id: answer.created?.new?.id ?? held.id, text, state: answer.newState };
}

/** Null when it is right; else what is wrong, in the server's words. */
export async function whatIsWrong(account: Account, text: string): Promise<string | null> {
  const blobId = await uploaded(account, text);
  const answer = account.pipeline.send<{ error: { description?: string } | null }>('SieveScript/validate', { blobId });
  const { error } = await answer.result;
  return error ? (error.description ?? '') : null;
}

/** Asks piece by piece; `told` hears how far it is, and says whether to go on. */
export async function foresee(
  account: Account,
  text: string,
  ids: readonly Id[],
  told: (done: number, found: number) => boolean,
): Promise<Foreseen[]> {
  const blobId = await uploaded(account, text);
  const found: Foreseen[] = [];
  const most = 250;
  for (let at = 0; at < ids.length; at += most) {
    const emailIds = ids.slice(at, at + most);
    const answer = account.pipeline.send<{ list: Foreseen[] }>('SieveScript/foresee', { blobId, emailIds });
    found.push(...(await answer.result).list);
    if (!told(Math.min(ids.length, at + most), found.length)) break;
  }
  return found;
}

async function freeName(account: Account): Promise<string> {
  const { list } = await account.pipeline.send<GetResult<SieveScript>>('SieveScript/get', { ids: null }).result;
  const taken = new Set(list.map((script) => script.name));
  let name = NAME;
  for (let number = 2; taken.has(name); number += 1) name = `${NAME} ${number}`;
  return name;
}

async function uploaded(account: Account, text: string): Promise<Id> {
  return (await account.upload(new Blob([text], { type: TYPE }), {})).blobId;
}
