/** Changes of the policy that were put together but not yet sent: they last as long as the page. */
import type { PolicyRuleCreate } from '../api/types.ts';

class Basket {
  rules = $state.raw<PolicyRuleCreate[]>([]);

  /** When they begin, as a field has it; '' for at once. */
  from = $state('');

  /** The last word about a knob and scope counts, and the last beginning that was said. */
  put(rule: PolicyRuleCreate, from = ''): void {
    if (from !== '') this.from = from;
    this.rules = [...this.rules.filter((one) => one.knob !== rule.knob || one.scope !== rule.scope), rule];
  }

  /** Another rule in the place of one; what the basket already says of that item and scope goes. */
  change(old: PolicyRuleCreate, rule: PolicyRuleCreate, from: string): void {
    this.from = from;
    this.rules = this.rules
      .filter((one) => one === old || one.knob !== rule.knob || one.scope !== rule.scope)
      .map((one) => (one === old ? rule : one));
  }

  drop(rule: PolicyRuleCreate): void {
    this.rules = this.rules.filter((one) => one !== rule);
  }

  clear(): void {
    this.rules = [];
    this.from = '';
  }
}

export const basket = new Basket();
