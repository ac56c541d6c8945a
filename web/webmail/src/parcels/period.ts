/** Periods that a mailbox is taken out for. */
export const PERIODS = ['all', 'month', 'quarter', 'year'] as const;
export type Period = (typeof PERIODS)[number];

const MONTHS: Record<Period, number> = { all: 0, month: 1, quarter: 3, year: 12 };

/** From when on, null for all; midnight here, so many months before today. */
export function periodOf(period: Period, now: Date): string | null {
  const months = MONTHS[period];
  if (months === 0) return null;
  const since = new Date(now.getFullYear(), now.getMonth() - months, 1);
  // The 31st has no day in every month: then it is the last one that there is.
  const last = new Date(since.getFullYear(), since.getMonth() + 1, 0).getDate();
  since.setDate(Math.min(now.getDate(), last));
  return since.toISOString();
}
