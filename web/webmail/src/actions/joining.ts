/** Two keys one after the other make one shortcut: `g i`, `* a`. */

/** The second key must come while the first is still in mind. */
const WAITS_MS = 1500;
const FIRST = new Set(['g', '*']);

let waiting = '';
let since = 0;

/** The shortcut that this key makes with the one before it: itself where none waits. */
export function joined(shortcut: string, now: number): string {
  const whole = waiting !== '' && now - since < WAITS_MS ? `${waiting} ${shortcut}` : shortcut;
  // A second key that means nothing ends it: alone it might delete.
  waiting = whole === shortcut && FIRST.has(shortcut) ? shortcut : '';
  since = now;
  return whole;
}
