/** Escape leads back one step at a time: whoever was chosen, the open card, and only then to the mail. */
import type { Action } from '../actions/action.ts';
import { back } from '../actions/back.ts';

export function steppingBack(chosen: Map<string, unknown>, card: () => boolean, closeCard: () => void): Action {
  return {
    ...back,
    run() {
      if (chosen.size > 0) chosen.clear();
      else if (card()) closeCard();
      else return back.run();
    },
  };
}
