/** Fills the registries of the lower floors with what the features bring: which actions there are, and who writes letters. */
import { provideActions } from '../actions/registry.ts';
import { provideWriting } from '../app/letters.ts';
import { EVERYWHERE, inMail } from './mail-actions.ts';

export function provideFeatures(): void {
  provideActions({ inMail, everywhere: EVERYWHERE });
  provideWriting({
    composing: () => import('../writing/composing.svelte.ts'),
    answering: () => import('../writing/answering.ts'),
    teamDrafts: () => import('../writing/team-opening.ts'),
  });
}
