/** Changes of the policy that were put together but not yet sent: they last as long as the page. */
import type { PolicyRuleCreate } from '../api/types.ts';

class Basket {
  rules = $state.raw<PolicyRuleCreate[]>([]);

  /** The last word about a knob and scope counts. */
  put(rule: PolicyRuleCreate): void {
    this.rules = [...this.rules.filter((one) => one.knob !== rule.knob || one.scope !== rule.scope), rule];
  }

  drop(rule: PolicyRuleCreate): void {
    this.rules = this.rules.filter((one) => one !== rule);
  }

  clear(): void {
    this.rules = [];
  }
}

export const basket = new Basket();
