/** The parts of the mail screen that its first rows do not need. */
import { Late } from '../app/late.svelte.ts';

export const later = new Late(() => import('./later-parts.ts'));
