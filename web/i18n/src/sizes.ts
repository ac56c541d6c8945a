/** Sizes of files and mailboxes, in the binary units that file managers show. */
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

export function formatSize(octets: number, language: string): string {
  let value = Math.max(0, octets);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 1 && value < 100 ? 1 : 0;
  return `${value.toLocaleString(language, { maximumFractionDigits: digits })} ${UNITS[unit]}`;
}
