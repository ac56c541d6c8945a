/** Fetches the chunks of reading, writing and the palette once, when the browser is idle after the first rows. */
import { book } from '../writing/book.svelte.ts';
import { connection } from './connection.svelte.ts';
import { wholeLanguage } from './language.svelte.ts';
import { team } from '../teamwork/team.svelte.ts';

let asked = false;

export function fetchAhead(): void {
  if (asked) return;
  asked = true;
  // Safari has no requestIdleCallback.
  const later = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 1500));
  later(() => {
    void wholeLanguage();
    void team.look();
    const self = connection.account?.session.username;
    if (self) void book.lookUp([{ name: null, email: self }]);
    const chunks = [
      import('../panels/ReadingPane.svelte'),
      import('../body/clean.ts'),
      import('../body/frame.ts'),
      import('../panels/Composers.svelte'),
      import('../panels/RichEditor.svelte'),
      import('../panels/Palette.svelte'),
    ];
    // Offline is no error here: each is asked for again when it is needed.
    void Promise.allSettled(chunks);
  });
}
