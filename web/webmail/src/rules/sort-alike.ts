import Funnel from '@lucide/svelte/icons/funnel';
import { type Action, inOwnMail, known, targets } from '../actions/action.ts';
import { lazyAction } from '../app/lazy-action.ts';

/** Mail like this goes its own way from now on: a rule, as good as made. The demo has none. */
export const sortAlike: Action = {
  id: 'sort-alike',
  label: () => 'action.sortAlike',
  icon: Funnel,
  keys: [],
  may: () => !__DEMO__ && inOwnMail(),
  enabled: () => targets().length > 0,
  async run() {
    const emails = known(targets(true));
    const making = await lazyAction(import('./making.ts'));
    await making?.ruleFromMail(emails);
  },
};
