/**
 * What happens in the company, as it happens: the stream of the API, and a beat while the page is in
 * sight where there is no stream. Must not know what is done about it.
 */
const BEAT_MS = 10_000;
/** Much may happen at once; the numbers are asked for again at most this often. */
const CALM_MS = 1_500;

/** Calls `act` when something happened, and every ten seconds; returns what ends it. */
export function watch(act: () => void, streamed: boolean): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const soon = (): void => {
    waiting ??= setTimeout(() => {
      waiting = undefined;
      if (!document.hidden) act();
    }, CALM_MS);
  };
  const beat = setInterval(() => {
    if (!document.hidden) act();
  }, BEAT_MS);
  document.addEventListener('visibilitychange', soon);
  const stream = streamed ? new EventSource('/admin/v1/events') : null;
  stream?.addEventListener('happening', soon);
  return () => {
    clearInterval(beat);
    clearTimeout(waiting);
    document.removeEventListener('visibilitychange', soon);
    stream?.close();
  };
}

/** Hears a stream of the API; the browser comes back by itself where it breaks. Returns what ends it. */
export function live<T>(path: string, name: string, act: (news: T) => void): () => void {
  const stream = new EventSource(`/admin/v1${path}`);
  stream.addEventListener(name, (event: MessageEvent<string>) => act(JSON.parse(event.data) as T));
  return () => stream.close();
}
