/**
 * The service worker: the app itself without a network, and notifications while no page is open. Mail is no business of
 * its cache: that lies sealed in the pages' own storage. It answers for the first page and its files and for nothing
 * else; every other request goes its way as if it were not there.
 */
import { actOnNotification, heard } from './notifications.ts';

const worker = self as unknown as WorkerScope;
/** Files of this build and their version: put in by the bundler (`vite.config.ts`). */
const FILES = __FILES__;
const CACHE = `app-${__VERSION__}`;

worker.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(['/', ...FILES].map((path) => new Request(path, { cache: 'no-cache' })))),
  );
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(tidy());
});

async function tidy(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith('app-') && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return;
  // A page that is asked for with a query (`?return=…`) is another one to the server.
  const page = request.mode === 'navigate' && url.pathname === '/';
  if (page || FILES.includes(url.pathname)) event.respondWith(fromCache(page ? '/' : url.pathname, request));
});

async function fromCache(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

worker.addEventListener('message', (event) => {
  // The person wants the new version now.
  if (event.data === 'take-over') event.waitUntil(worker.skipWaiting());
});

worker.addEventListener('push', (event) => {
  event.waitUntil(heard(worker, event.data?.json()));
});

worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(actOnNotification(worker, event.notification, event.action));
});
