/**
 * The face of both apps, one for Hangul, Latin and digits. It is asked for by script when the first rows are painted: as a
 * rule of a style sheet it would come before them. Heights are fixed, so nothing moves when it is there.
 */
import sans from './fonts/smartmail-sans.woff2?url';

const NAME = 'SmartMail Sans';

let wanted = false;
let face: FontFace | null = null;
/** Documents in frames that were filled before the face was there. */
const waiting = new Set<FontFaceSet>();

/** Gives the face to a frame, whose document knows only its own. */
export function lendFace(to: FontFaceSet): () => void {
  if (face) to.add(face);
  else waiting.add(to);
  return () => void waiting.delete(to);
}

/** Brings the face once; who saves data, or whose line fails, reads on in the face of the device. */
export async function bringFace(): Promise<void> {
  const { connection } = navigator as Navigator & { connection?: { saveData?: boolean } };
  if (wanted || connection?.saveData) return;
  wanted = true;
  try {
    face = await new FontFace(NAME, `url(${sans}) format('woff2')`, { weight: '400 700' }).load();
    for (const set of [document.fonts, ...waiting]) set.add(face);
    waiting.clear();
  } catch {
    wanted = false;
  }
}
