/** The five languages of the product; every catalogue is complete, which a test keeps true. */

export type Language = 'ko' | 'en' | 'ja' | 'zh-Hans' | 'zh-Hant';

export const OFFERED: readonly Language[] = ['ko', 'en', 'ja', 'zh-Hans', 'zh-Hant'];

export const OWN_NAME: Record<Language, string> = {
  ko: '한국어',
  en: 'English',
  ja: '日本語',
  'zh-Hans': '简体中文',
  'zh-Hant': '繁體中文',
};

/** The first of our languages that a browser or a header asks for; Korean when none is. */
export function chooseLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const language = fromTag(tag);
    if (language) return language;
  }
  return 'ko';
}

/** BCP 47 tag → our catalogue: regions of Chinese stand for a script. */
export function fromTag(tag: string): Language | null {
  const lower = tag.toLowerCase();
  if (lower.startsWith('zh')) return /hant|tw|hk|mo/.test(lower) ? 'zh-Hant' : 'zh-Hans';
  const base = lower.split('-')[0];
  return base === 'ko' || base === 'en' || base === 'ja' ? base : null;
}
