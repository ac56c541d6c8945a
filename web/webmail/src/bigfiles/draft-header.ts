/** What a stored draft says of its big files, as one field of its header. Pure. The server never lets it out. */
export const FIELD = 'header:X-SmartMail-Links:asText';

export interface Kept {
  ids: string[];
  days: number;
  /** 0: any number. */
  downloads: number;
  /** The links ask for a password, which is kept nowhere. */
  locked: boolean;
  /** They ask for a code, which they mail. */
  coded: boolean;
  /** They show their file only. */
  viewOnly: boolean;
  /** One for each recipient. */
  each: boolean;
  countries: string[];
  networks: string[];
}

const FORM = /^([\w -]+); days=(\d+); downloads=(\d+)((?:; [\w=,.:/]+)*)$/;

export function keptWords(kept: Kept): string {
  const { ids, days, downloads, countries, networks } = kept;
  return [
    ids.join(' '),
    `days=${days}`,
    `downloads=${downloads}`,
    ...(kept.locked ? ['locked'] : []),
    ...(kept.coded ? ['coded'] : []),
    ...(kept.viewOnly ? ['view'] : []),
    ...(kept.each ? ['each'] : []),
    ...(countries.length > 0 ? [`from=${countries.join(',')}`] : []),
    ...(networks.length > 0 ? [`net=${networks.join(',')}`] : []),
  ].join('; ');
}

export function readKept(words: string): Kept {
  const [, ids = '', days = '7', downloads = '0', rest = ''] = FORM.exec(words.trim().replace(/\s+/g, ' ')) ?? [];
  const flags = rest.split('; ');
  const list = (name: string): string[] =>
    (flags.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) ?? '')
      .split(',')
      .filter((one) => one !== '');
  return {
    ids: ids.split(' ').filter((id) => id !== ''),
    days: Number(days),
    downloads: Number(downloads),
    locked: flags.includes('locked'),
    coded: flags.includes('coded'),
    viewOnly: flags.includes('view'),
    each: flags.includes('each'),
    countries: list('from'),
    networks: list('net'),
  };
}
