/** Fills the registries of the lower floors with what the features bring: which actions there are, and who writes letters. */
import { compose } from '../actions/compose.ts';
import { provideActions } from '../actions/registry.ts';
import { search } from '../actions/search.ts';
import { lazyAction } from '../app/lazy-action.ts';
import { provideWriting } from '../app/letters.ts';

export function provideFeatures(): void {
  provideActions([search, compose], () => lazyAction(import('./mail-actions.ts')));
  provideWriting({
    composing: () => import('../writing/composing.svelte.ts'),
    answering: () => import('../writing/answering.ts'),
    teamDrafts: () => import('../writing/team-opening.ts'),
  });
}
