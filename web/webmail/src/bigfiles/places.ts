/** From where a link may be followed, as people type it: parted by commas or spaces. Pure; null for what is none. */

const COUNTRY = /^[A-Z]{2}$/;
const NETWORK = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*:[\da-f:.]*)(?:\/\d{1,3})?$/i;
const MOST = 20;

function listOf(text: string, form: RegExp): string[] | null {
  const found = [...new Set(text.split(/[\s,]+/).filter((one) => one !== ''))];
  return found.length <= MOST && found.every((one) => form.test(one)) ? found : null;
}

export const countriesOf = (text: string): string[] | null => listOf(text.toUpperCase(), COUNTRY);
export const networksOf = (text: string): string[] | null => listOf(text, NETWORK);
