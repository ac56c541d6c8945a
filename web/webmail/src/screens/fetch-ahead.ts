/** Fetches the chunks of reading, writing and the palette once, when the browser is idle after the first rows. */
import { bringFace } from '@smartmail/ui/face.ts';
import { book } from '../people/book.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import { inIdle } from '../app/in-idle.ts';
import { wholeLanguage } from '../app/language.svelte.ts';
import { team } from '../teamwork/team.svelte.ts';

let asked = false;

export function fetchAhead(): void {
  if (asked) return;
  asked = true;
  inIdle(
    () => import('../panels/ReadingPane.svelte'),
    wholeLanguage,
    bringFace,
    () => import('../body/clean.ts'),
    () => import('../body/frame.ts'),
    () => team.look(),
    lookAtOneself,
    () => import('../panels/Composers.svelte'),
    () => import('../panels/Palette.svelte'),
    () => import('../panels/RichEditor.svelte'),
  );
}

/** For the photograph beside one's own name. */
function lookAtOneself(): void {
  const self = connection.account?.session.username;
  if (self) void book.lookUp([{ name: null, email: self }]);
}
