/** What a person sees and changes of the safety of their account beyond second factors: /auth/… and our own JMAP types. */
import { get, json, post } from './network.ts';
import type { Pipeline } from './pipeline.ts';
import type { Id, UtcDate } from './types.ts';

/** Session: one browser that is signed in. */
export interface SignedIn {
  id: Id;
  createdAt: UtcDate;
  lastSeenAt: UtcDate;
  expiresAt: UtcDate;
  address: string;
  device: string;
  isCurrent: boolean;
}

export type CredentialKind = 'password' | 'app' | 'token' | 'certificate';

/** Credential: something that opens the account; `secret` only in the answer that made it. */
export interface Opener {
  id: Id;
  kind: CredentialKind;
  label: string;
  doors: string[];
  scopes: string[];
  networks: string[];
  createdAt: UtcDate;
  expiresAt: UtcDate | null;
  lastUsedAt: UtcDate | null;
  lastUsedDoor: string;
  lastUsedAddress: string;
  lastUsedCountry: string;
  secret?: string;
}

/** LoginAttempt: somebody knocked. */
export interface Attempt {
  id: Id;
  at: UtcDate;
  door: string;
  address: string;
  country: string | null;
  result: string;
  credentialId: Id | null;
}

/** MailAccess: somebody but the person looked at their mail. */
export interface Look {
  at: UtcDate;
  name: string;
  act: string;
  count: number;
  emailIds: Id[];
  address: string;
  country: string | null;
  door: string;
}

/** A browser that the account is known by. Milliseconds. */
export interface KnownDevice {
  id: string;
  name: string;
  address: string;
  firstAt: number;
  lastAt: number;
}

export interface SendingStop {
  /** Milliseconds. */
  since: number;
  signs: string[];
  /** Why the owner cannot release it. */
  obstacle: '' | 'manual' | 'policy' | 'factor';
}

export interface TravelPass {
  id: string;
  country: string;
  from: UtcDate;
  until: UtcDate;
  state: string;
  reason: string;
}

export interface RecoveryAddress {
  address: string;
  verified: boolean;
}

/** The newest; `failed`: only who was not let in. */
export async function attempts(pipeline: Pipeline, failed: boolean, most: number): Promise<Attempt[]> {
  const got = pipeline.group(() => {
    const filter = failed ? { filter: { failed: true } } : {};
    const found = pipeline.send('LoginAttempt/query', { ...filter, limit: most });
    return pipeline.send<{ list: Attempt[] }>('LoginAttempt/get', { '#ids': found.ref('/ids') });
  });
  return (await got.result).list;
}

export async function looks(pipeline: Pipeline, before: UtcDate | null): Promise<Look[]> {
  const args = before === null ? {} : { before };
  return (await pipeline.send<{ list: Look[] }>('MailAccess/query', args).result).list;
}

export async function devices(): Promise<KnownDevice[]> {
  return (await json<{ devices: KnownDevice[] }>(await get('/auth/devices'))).devices;
}

/** `all` forgets every one. */
export async function forgetDevice(id: string): Promise<void> {
  await post('/auth/device/forget', { id });
}

export async function recoveryAddress(): Promise<RecoveryAddress> {
  return json<RecoveryAddress>(await get('/auth/recovery-address'));
}

/** A link goes to it; an empty one takes the address away. */
export async function setRecoveryAddress(address: string): Promise<void> {
  await post('/auth/recovery-address', { address });
}

/** Why the account may not send, in the words of a language; null: it may. */
export async function sendingStop(language: string): Promise<SendingStop | null> {
  return (await json<{ stop: SendingStop | null }>(await get('/auth/sending', { 'Accept-Language': language }))).stop;
}

/** Returns how many recipients the mail that was held goes to now. */
export async function releaseSending(): Promise<number> {
  return (await json<{ freed: number }>(await post('/auth/sending/release', {}))).freed;
}

export async function travelPasses(): Promise<TravelPass[]> {
  return (await json<{ passes: TravelPass[] }>(await get('/auth/travel-passes'))).passes;
}

export async function askTravelPass(pass: Omit<TravelPass, 'id' | 'state'>): Promise<void> {
  await post('/auth/travel-pass', pass);
}

export async function withdrawTravelPass(id: string): Promise<void> {
  await post('/auth/travel-pass/withdraw', { id });
}
