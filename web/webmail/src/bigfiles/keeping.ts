/** What a stored draft says of its big files, as one field of its header. Pure. The server never lets it out. */
export const FIELD = 'header:X-SmartMail-Links:asText';

export interface Kept {
  ids: string[];
  days: number;
  /** 0: any number. */
  downloads: number;
  /** The links ask for a password, which is kept nowhere. */
  locked: boolean;
}

const FORM = /^([\w -]+); days=(\d+); downloads=(\d+)(; locked)?$/;

export function keptWords({ ids, days, downloads, locked }: Kept): string {
  return `${ids.join(' ')}; days=${days}; downloads=${downloads}${locked ? '; locked' : ''}`;
}

export function readKept(words: string): Kept {
  const [, ids = '', days = '7', downloads = '0', locked] = FORM.exec(words.trim().replace(/\s+/g, ' ')) ?? [];
  return {
    ids: ids.split(' ').filter((id) => id !== ''),
    days: Number(days),
    downloads: Number(downloads),
    locked: locked !== undefined,
  };
}
