/** Push by EventSource (RFC 8620 §7.3), reopened with growing pauses when the browser gives up. */
import type { Watcher } from './backend.ts';
import type { StateChange } from './types.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

export function watchEvents(url: string, watcher: Watcher): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = FIRST_PAUSE_MS;

  const open = (): void => {
    source = new EventSource(url);
    source.onopen = () => {
      pause = FIRST_PAUSE_MS;
      watcher.connected(true);
    };
    source.addEventListener('state', (event) => {
      watcher.changed(JSON.parse(event.data as string) as StateChange);
    });
    source.onerror = () => {
      watcher.connected(false);
      // CONNECTING: the browser tries by itself. CLOSED (a 401, a 503): it never will.
      if (source?.readyState === EventSource.CLOSED) later();
    };
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(open, pause);
    pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
  };
  const wake = (): void => {
    if (source?.readyState === EventSource.CLOSED) {
      clearTimeout(timer);
      open();
    }
  };

  open();
  addEventListener('online', wake);
  return () => {
    clearTimeout(timer);
    removeEventListener('online', wake);
    source?.close();
  };
}
