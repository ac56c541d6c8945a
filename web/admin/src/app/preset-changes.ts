/** What a preset would change for a scope before it is applied: its own rules end, those of the preset begin. Pure. */
import type { Knob, PolicyPreset, PolicyRule } from '../api/types.ts';

export interface PresetLine {
  knob: string;
  before: unknown;
  after: unknown;
}

/** Values of the items that change, and the names of those that stay, in the order in which they are declared. */
export function presetChanges(
  preset: PolicyPreset,
  scope: string,
  rules: readonly PolicyRule[],
  knobs: readonly Knob[],
): { changed: PresetLine[]; same: string[] } {
  const wanted = preset.values as Record<string, unknown>;
  const standing = (place: string, knob: string): PolicyRule | undefined =>
    rules.find((one) => one.scope === place && one.knob === knob && one.validUntil === null);
  const lines = knobs.flatMap((knob): PresetLine[] => {
    const own = standing(scope, knob.name);
    if (!(knob.name in wanted) && !own) return [];
    const above = scope === 'system' ? undefined : standing('system', knob.name);
    const inherited = above ? above.value : knob.default;
    const set = knob.name in wanted ? wanted[knob.name] : inherited;
    // What the whole installation locks holds before and after.
    if (above?.locked) return [{ knob: knob.name, before: inherited, after: inherited }];
    return [{ knob: knob.name, before: own ? own.value : inherited, after: set }];
  });
  const isSame = (one: PresetLine): boolean => JSON.stringify(one.before) === JSON.stringify(one.after);
  return { changed: lines.filter((one) => !isSame(one)), same: lines.filter(isSame).map((one) => one.knob) };
}
