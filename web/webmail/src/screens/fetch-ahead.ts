/** Fetches the chunks of what stands around the rows, of reading, writing and the palette once, when the browser is idle after the first rows. */
import { bringFace } from '@smartmail/ui/face.ts';
import { bringActions } from '../actions/registry.ts';
import { book } from '../people/book.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import { inIdle } from '../app/in-idle.ts';
import { wholeLanguage } from '../app/language.svelte.ts';
import { later } from '../panels/later.ts';
import { team } from '../teamwork/team.svelte.ts';

let asked = false;

export function fetchAhead(): void {
  if (asked) return;
  asked = true;
  inIdle(
    () => later.bring(),
    bringActions,
    () => import('../panels/ReadingPane.svelte'),
    async () => (await import('@smartmail/ui/lost-focus.ts')).keepFocus(),
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
