/** What the certificate page asks of the server: /auth/…, with nothing of a key in it. */
import { json, post } from './network.ts';
import type { Owed, Purpose } from './proof.ts';

/** The parts of the line to sign. `identity`: an identity number will be asked for. */
export interface CertificateQuestion {
  origin: string;
  account: string;
  nonce: string;
  time: number;
  identity: boolean;
  /** Where the browser itself can show a certificate (KA-7); empty: nowhere. */
  shownAt?: string;
}

/** In base64. */
export interface CertificateAnswer {
  cms: string;
  identity?: string;
}

/** What came of the password: a second factor is asked for (`challenge`), or a session that may owe something. */
export interface AfterPassword {
  challenge?: string;
  kinds?: string[];
  owes?: Owed[];
}

const KIND = 'certificate';

export async function signInWithPassword(address: string, password: string): Promise<AfterPassword> {
  return body<AfterPassword>(await post('/auth/login', { address, password }));
}

export async function askToSign(purpose: Purpose, challenge: string): Promise<CertificateQuestion> {
  return json<CertificateQuestion>(await post(`/auth/${purpose}/ask`, { challenge, kind: KIND }));
}

/** Returns what the session owes before anything else is served to it. */
export async function answerSigned(purpose: Purpose, challenge: string, response: CertificateAnswer): Promise<Owed[]> {
  const answer = await post(`/auth/${purpose}/answer`, { challenge, kind: KIND, response });
  return (await body<AfterPassword>(answer)).owes ?? [];
}

export async function beginEnrolment(password: string): Promise<CertificateQuestion & { challenge: string }> {
  return json(await post('/auth/factor/begin', { kind: KIND, password }));
}

/** Returns recovery codes with the first second factor, else none. */
export async function finishEnrolment(challenge: string, response: CertificateAnswer): Promise<string[]> {
  const body = { challenge, kind: KIND, label: '', response };
  return (await json<{ recovery?: string[] | null }>(await post('/auth/factor/finish', body))).recovery ?? [];
}

async function body<T extends object>(response: Response): Promise<Partial<T>> {
  return response.status === 204 ? {} : json<Partial<T>>(response);
}
