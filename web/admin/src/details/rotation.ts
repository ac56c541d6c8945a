/** After how many days a domain's keys change, as the rules that are set say it. Pure. */
import type { PolicyRule } from '../api/types.ts';

export const KNOB = 'signing.rotate-days';

/** The domain's own rule goes before the company's, that before the system's; 0: they do not change by themselves. */
export function daysOf(rules: readonly PolicyRule[], domain: string): number {
  const set = rules.filter((one) => one.knob === KNOB);
  const found =
    set.find((one) => one.scope === `domain:${domain}`) ??
    set.find((one) => one.scope.startsWith('organization:')) ??
    set.find((one) => one.scope === 'system');
  return typeof found?.value === 'number' ? found.value : 0;
}
