/**
 * The network client: JMAP over HTTP with the session cookie (RFC 8620 §3.1, §6, §7.3). The only
 * place where the apps talk to a server.
 */
import type { Backend, FilePreview, UploadOptions, Watcher } from './backend.ts';
import type { Layout, LookedAt } from './layout.ts';
import { kindOfStatus, type Problem, RequestFailure } from './errors.ts';
import { watchEvents } from './events.ts';
import type { JmapRequest, JmapResponse } from './methods.ts';
import type { Waiting } from './proof.ts';
import { fillTemplate } from './template.ts';
import type { Id, MailServer, RenderedBody, Session, Upload } from './types.ts';

/** Beside the Origin check: a header that no foreign form can set. */
const OWN_PAGE = { 'X-SmartMail': '1' };

const listeners = new Set<() => void>();

/** Hears of every request that the server has answered; returns the function that ends it. */
export function onAnswer(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export class NetworkClient implements Backend {
  async session(): Promise<Session> {
    const response = await get('/jmap/session');
    if (response.status === 204) throw new RequestFailure('signed-out', 401);
    return json<Session>(response);
  }

  async signIn(address: string, password: string): Promise<Waiting | null> {
    const response = await post('/auth/login', { address, password });
    if (response.status === 204) return null;
    const found = await json<Partial<Waiting>>(response);
    return found.challenge ? { challenge: found.challenge, kinds: found.kinds ?? [] } : null;
  }

  async signOut(): Promise<void> {
    await post('/auth/logout', {});
  }

  async setUp(token: string, password: string): Promise<string> {
    return (await json<{ address: string }>(await post('/auth/setup', { token, password }))).address;
  }

  async mailServers(): Promise<MailServer[]> {
    return (await json<{ servers: MailServer[] }>(await get('/connect/servers'))).servers;
  }

  async appleProfile(): Promise<Blob> {
    return (await post('/connect/apple.mobileconfig', {})).blob();
  }

  async request(session: Session, request: JmapRequest): Promise<JmapResponse> {
    return json<JmapResponse>(await post(ownOrigin(session.apiUrl), request));
  }

  upload(session: Session, accountId: Id, file: Blob, options: UploadOptions): Promise<Upload> {
    return sendFile(ownOrigin(fillTemplate(session.uploadUrl, { accountId })), file, options);
  }

  downloadUrl(session: Session, accountId: Id, blobId: Id, name: string, type: string): string {
    // May lead to the content host: files are never shown on the origin that holds the session.
    return fillTemplate(session.downloadUrl, { accountId, blobId, name, type });
  }

  async preview(accountId: Id, file: LookedAt): Promise<FilePreview> {
    return json<FilePreview>(await get(previewPath(accountId, file)));
  }

  async previewLayout(accountId: Id, file: LookedAt): Promise<Layout | null> {
    return json<Layout | null>(await get(`${previewPath(accountId, file)}&layout=1`));
  }

  async previewOctets(accountId: Id, file: LookedAt): Promise<Blob> {
    return (await get(`${previewPath(accountId, file)}&octets=1`)).blob();
  }

  filesUrl(accountId: Id, emailId: Id, name: string): string {
    return `/jmap/files/${[accountId, emailId, name].map(encodeURIComponent).join('/')}`;
  }

  innerUrl(accountId: Id, file: LookedAt): string {
    return `${previewPath(accountId, file)}&save=1`;
  }

  async render(accountId: Id, emailId: Id, withImages: boolean): Promise<RenderedBody> {
    const path = `/jmap/render/${encodeURIComponent(accountId)}/${encodeURIComponent(emailId)}`;
    return json<RenderedBody>(await get(withImages ? `${path}?images=1` : path));
  }

  watch(session: Session, types: readonly string[], watcher: Watcher): () => void {
    const values = { types: types.join(','), closeafter: 'no', ping: '30' };
    return watchEvents(ownOrigin(fillTemplate(session.eventSourceUrl, values)), watcher);
  }
}

function previewPath(accountId: Id, file: LookedAt): string {
  const [account, blob, name, accept] = [accountId, file.blobId, file.name, file.type].map(encodeURIComponent);
  const path = `/jmap/preview/${account}/${blob}/${name}?accept=${accept}`;
  return file.inside === undefined ? path : `${path}&inside=${file.inside}`;
}

/** Session addresses may be absolute; the page's own requests only ever go to its own origin. */
function ownOrigin(address: string): string {
  const url = new URL(address, location.origin);
  if (url.origin !== location.origin) throw new RequestFailure('broken');
  return url.pathname + url.search;
}

export function get(path: string, more: Record<string, string> = {}): Promise<Response> {
  return send(path, { headers: { Accept: 'application/json', ...more } });
}

export function post(path: string, body: object, signal: AbortSignal | null = null): Promise<Response> {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json', ...OWN_PAGE };
  return send(path, { method: 'POST', headers, body: JSON.stringify(body), signal });
}

export function put(path: string, file: Blob): Promise<Response> {
  return send(path, { method: 'PUT', headers: OWN_PAGE, body: file });
}

export async function remove(path: string): Promise<void> {
  await send(path, { method: 'DELETE', headers: OWN_PAGE });
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, credentials: 'same-origin', cache: 'no-store' });
  } catch {
    throw new RequestFailure('offline');
  }
  if (!response.ok) throw new RequestFailure(kindOfStatus(response.status), response.status, await problemOf(response));
  for (const listener of listeners) listener();
  return response;
}

export async function json<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch {
    throw new RequestFailure('broken', response.status);
  }
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    return (await response.json()) as Problem;
  } catch {
    return {};
  }
}

/** XMLHttpRequest, because `fetch` tells nothing about the progress of an upload. */
function sendFile(url: string, file: Blob, options: UploadOptions): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.responseType = 'json';
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
    request.setRequestHeader('X-SmartMail', OWN_PAGE['X-SmartMail']);
    request.upload.onprogress = (event) => options.progress?.(event.total > 0 ? event.loaded / event.total : 0);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as Upload);
      else
        reject(new RequestFailure(kindOfStatus(request.status), request.status, (request.response as Problem) ?? {}));
    };
    request.onerror = () => reject(new RequestFailure('offline'));
    request.onabort = () => reject(new DOMException('', 'AbortError'));
    options.signal?.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
