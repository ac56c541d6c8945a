/** What the pages of sign-in ask of the server beyond a name and a password: /auth/…. */
import { get, json, post } from './network.ts';

export type FactorKind = 'totp' | 'passkey' | 'certificate' | 'recovery' | 'password';

/** What a session owes before anything else is served to it. */
export type Owed = 'factor' | 'enrol' | 'password' | 'consent';

/** A second factor is asked for. */
export interface Waiting {
  challenge: string;
  kinds: FactorKind[];
}

export interface Me {
  address: string;
  owes: Owed[];
}

export interface Factor {
  id: number;
  kind: FactorKind;
  label: string;
  createdAt: number;
  usedAt: number | null;
}

export interface Begun {
  challenge: string;
  secret?: string;
  picture?: string;
  publicKey?: object;
}

export interface ConsentText {
  name: string;
  version: number;
  text: string;
  language: string;
}

/** The sign-in's factor is answered at one address, that of a session that proves itself again at another. */
export type Purpose = 'factor' | 'prove';

export async function me(): Promise<Me> {
  return json<Me>(await get('/auth/me'));
}

export async function prove(): Promise<Waiting> {
  return json<Waiting>(await post('/auth/prove', {}));
}

export async function ask(purpose: Purpose, challenge: string, kind: FactorKind): Promise<Begun> {
  return json<Begun>(await post(`/auth/${purpose}/ask`, { challenge, kind }));
}

export async function answer(purpose: Purpose, challenge: string, kind: FactorKind, response: object): Promise<void> {
  await post(`/auth/${purpose}/answer`, { challenge, kind, response });
}

export async function factors(): Promise<{ factors: Factor[]; recoveryCodes: number }> {
  return json(await get('/auth/factors'));
}

export async function beginFactor(kind: FactorKind, password: string): Promise<Begun> {
  return json<Begun>(await post('/auth/factor/begin', { kind, password }));
}

/** Returns the recovery codes that come with the first second factor. */
export async function finishFactor(
  challenge: string,
  kind: FactorKind,
  label: string,
  response: object,
): Promise<string[]> {
  const body = { challenge, kind, label, response };
  return (await json<{ recovery: string[] }>(await post('/auth/factor/finish', body))).recovery;
}

export async function removeFactor(id: number): Promise<void> {
  await post('/auth/factor/remove', { id });
}

export async function newCodes(): Promise<string[]> {
  return (await json<{ recovery: string[] }>(await post('/auth/factor/codes', {}))).recovery;
}

/** `keepPrograms`: app passwords, tokens and connected apps stay; otherwise they end with the old password. */
export async function changePassword(current: string, password: string, keepPrograms = false): Promise<void> {
  await post('/auth/password', { current, password, keepPrograms });
}

export async function changeLater(): Promise<void> {
  await post('/auth/password/later', {});
}

export async function consents(): Promise<ConsentText[]> {
  return (await json<{ texts: ConsentText[] }>(await get('/auth/consents'))).texts;
}

export async function consent(text: ConsentText): Promise<void> {
  await post('/auth/consent', { name: text.name, version: text.version });
}

export async function forgot(address: string): Promise<void> {
  await post('/auth/recover', { address });
}

export async function verifyRecovery(token: string): Promise<void> {
  await post('/auth/recovery-address/verify', { token });
}

/** Stop what a witness was told of. */
export async function objectTo(token: string): Promise<void> {
  await post('/auth/objection', { token });
}
