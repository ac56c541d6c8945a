/**
 * The language of a short foreign text, as far as its letters tell: Han characters take another form in each country, so
 * a Japanese subject in a Korean list must say that it is one. What letters do not tell stays undefined.
 */
export function languageOf(text: string | null | undefined): 'ko' | 'ja' | 'zh-Hans' | 'zh-Hant' | undefined {
  if (!text) return undefined;
  if (/\p{Script=Hangul}/u.test(text)) return 'ko';
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja';
  if (!/\p{Script=Han}/u.test(text)) return undefined;
  const [simple, traditional] = [SIMPLE.test(text), TRADITIONAL.test(text)];
  // Japanese without its own letters has both kinds.
  if (simple === traditional) return undefined;
  return simple ? 'zh-Hans' : 'zh-Hant';
}

/** Forms that only one of the two ways of writing has, and Japanese has not, among the commonest of mail. */
const SIMPLE = /[们个这发议请关于见据开时间对说谢现应该为报单货质订购账务总经陈张刘审阅]/u;
const TRADITIONAL = /[們個這發會關數據對說應單賬總經閱國學灣寫區將]/u;
