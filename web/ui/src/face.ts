/**
 * The face of both apps, one for Hangul, Latin and digits. It is asked for by script when the first rows are painted: as a
 * rule of a style sheet it would come before them. Heights are fixed, so nothing moves when it is there.
 */
import sans from './fonts/smartmail-sans.woff2?url';

const NAME = 'SmartMail Sans';

let wanted = false;

/** Brings the face once; who saves data, or whose line fails, reads on in the face of the device. */
export async function bringFace(): Promise<void> {
  const { connection } = navigator as Navigator & { connection?: { saveData?: boolean } };
  if (wanted || connection?.saveData) return;
  wanted = true;
  try {
    document.fonts.add(await new FontFace(NAME, `url(${sans}) format('woff2')`, { weight: '400 700' }).load());
  } catch {
    wanted = false;
  }
}
