/** Which of the people found stand first, and whom a person writes to often. Pure. */
import { sameAddress } from '@smartmail/jmap/addresses.ts';
import type { EmailAddress } from '@smartmail/jmap/types.ts';
import type { Frequent } from '../app/preferences.ts';

const MOST_FREQUENT = 80;
const HALF_LIFE_MS = 60 * 24 * 3_600_000;

/** A letter of two months ago counts half. */
export function weight(one: Frequent, now: number): number {
  return one.count * 0.5 ** ((now - one.at) / HALF_LIFE_MS);
}

export function learned(
  frequent: readonly Frequent[],
  forgotten: readonly string[],
  written: readonly EmailAddress[],
  now: number,
): { frequent: Frequent[]; forgotten: string[] } {
  const all = new Map(frequent.map((one) => [one.email.toLowerCase(), one]));
  for (const { name, email } of written) {
    const key = email.toLowerCase();
    const before = all.get(key);
    all.set(key, {
      name: name ?? before?.name ?? null,
      email,
      count: (before ? weight(before, now) : 0) + 1,
      at: now,
    });
  }
  return {
    frequent: [...all.values()].sort((one, other) => weight(other, now) - weight(one, now)).slice(0, MOST_FREQUENT),
    // Who is written to again is no longer forgotten.
    forgotten: forgotten.filter((email) => !written.some((one) => one.email === email)),
  };
}

export function ranked<T extends EmailAddress & { frequent?: boolean; department?: string | null }>(
  near: readonly T[],
  company: readonly T[],
  ownDepartment: string | null,
): T[] {
  const often = near.filter((one) => one.frequent);
  const own = company.filter((one) => ownDepartment !== null && one.department === ownDepartment);
  const others = company.filter((one) => !own.includes(one));
  const result: T[] = [];
  for (const one of [...often, ...own, ...others, ...near]) {
    const same = result.findIndex((known) => sameAddress(known, one));
    if (same < 0) result.push(one);
    // The directory knows the name, the title and who is away; the habit knows how often.
    else if (company.includes(one)) result[same] = { ...result[same], ...one };
  }
  return result;
}
