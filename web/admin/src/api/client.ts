/**
 * The one place that talks to the admin API: JSON, problems in the reader's language, ETags, parts
 * of lists. Must not know what a screen shows.
 */
import type { Page, Problem } from './types.ts';

const ROOT = '/admin/v1';

export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    title: string,
    readonly detail = '',
    readonly wants: readonly string[] = [],
    /** Finer than the code, all that apply; sentences about them name the facts. */
    readonly reasons: readonly string[] = [],
    readonly facts: Readonly<Record<string, string | number>> = {},
  ) {
    super(title);
    this.name = 'ApiError';
  }
}

export type Query = Record<string, string | number | boolean | undefined>;

export interface Wish {
  query?: Query;
  body?: unknown;
  /** What was read before: the change is refused when somebody else changed it meanwhile. */
  etag?: string;
  /** The same key again is answered as before: a lost answer does not do it twice. */
  once?: string;
  /** Why it is done: kept with the record of the act. */
  reason?: string;
  signal?: AbortSignal;
}

export interface Answer<T> {
  value: T;
  etag: string;
}

let spoken = 'ko';
let whenSignedOut: () => void = () => undefined;
let whenProofNeeded: (wants: readonly string[]) => Promise<boolean> = () => Promise.resolve(false);

export function speak(language: string): void {
  spoken = language;
}

/** Called when the server says that nobody is signed in any more. */
export function onSignedOut(act: () => void): void {
  whenSignedOut = act;
}

/** Called when the server wants a fresh proof; what was asked for is tried again when it was given. */
export function onProofNeeded(act: (wants: readonly string[]) => Promise<boolean>): void {
  whenProofNeeded = act;
}

export async function call<T>(method: string, path: string, wish: Wish = {}): Promise<Answer<T>> {
  const response = await answered(method, path, wish);
  const value = (response.status === 204 ? undefined : await response.json()) as T;
  return { value, etag: response.headers.get('etag') ?? '' };
}

async function answered(method: string, path: string, wish: Wish): Promise<Response> {
  try {
    return await once(method, path, wish);
  } catch (error) {
    const asked = error instanceof ApiError && error.code === 'proof_needed' && !path.startsWith('/session');
    if (!asked || !(await whenProofNeeded(error.wants))) throw error;
    return await once(method, path, wish);
  }
}

async function once(method: string, path: string, wish: Wish): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json', 'accept-language': spoken, 'x-smartmail': '1' };
  if (wish.body !== undefined) {
    headers['content-type'] = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  }
  if (wish.etag) headers['if-match'] = wish.etag;
  if (wish.once) headers['idempotency-key'] = wish.once;
  if (wish.reason) headers['x-reason'] = encodeURIComponent(wish.reason);
  const request: RequestInit = { method, headers };
  if (wish.body !== undefined) request.body = JSON.stringify(wish.body);
  if (wish.signal) request.signal = wish.signal;
  const response = await reach(addressOf(path, wish.query), request);
  if (!response.ok) throw await failure(response, path);
  return response;
}

/** A file that is answered: its name and content. */
export async function file(path: string, body: unknown): Promise<{ name: string; content: Blob }> {
  const answer = await answered('POST', path, { body });
  const said = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '');
  return { name: said?.[1] ?? 'records', content: await answer.blob() };
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const wish: Wish = {};
  if (query) wish.query = query;
  if (signal) wish.signal = signal;
  return (await call<T>('GET', path, wish)).value;
}

/** A list from its beginning, part by part, until `most` are there. */
export async function all<T>(path: string, query: Query = {}, most = 5_000): Promise<T[]> {
  const found: T[] = [];
  let after: string | undefined;
  do {
    const part: Page<T> = await get<Page<T>>(path, { ...query, limit: 500, after });
    found.push(...part.items);
    after = part.next ?? undefined;
  } while (after !== undefined && found.length < most);
  return found;
}

async function reach(address: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError('unreachable', 0, '');
  }
}

function addressOf(path: string, query: Query = {}): string {
  const fields = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(fields.map(([name, value]) => [name, String(value)])).toString();
  return `${ROOT}${path}${text ? `?${text}` : ''}`;
}

async function failure(response: Response, path: string): Promise<ApiError> {
  let told: Partial<Problem> = {};
  try {
    told = (await response.json()) as Partial<Problem>;
  } catch {
    // A balancer in between may answer with a page of its own.
  }
  // A wrong answer is no end of the session.
  const answers = path === '/session' || path === '/session/proof/answer';
  if (response.status === 401 && !answers) whenSignedOut();
  const { code = 'internal', title = '', detail, wants, reasons, facts } = told;
  return new ApiError(code, response.status, title, detail, wants, reasons, facts);
}
