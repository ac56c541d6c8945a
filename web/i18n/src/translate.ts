/**
 * Messages by key, with `{name}` places and plural forms. A catalogue is one flat JSON object, so
 * that the server reads the same files.
 */
import type ko from '../catalogues/ko.json';

export type MessageKey = keyof typeof ko;
export type Message = string | ({ other: string } & Partial<Record<Intl.LDMLPluralRule, string>>);
export type Catalogue = Partial<Record<MessageKey, Message>>;
export type Values = Record<string, string | number>;

const rules = new Map<string, Intl.PluralRules>();
const numbers = new Map<string, Intl.NumberFormat>();

/** A missing key shows as itself: visible in a test, harmless on a screen. */
export function translate<Key extends string>(
  catalogue: Partial<Record<Key, Message>>,
  language: string,
  key: Key,
  values: Values = {},
): string {
  const message = catalogue[key];
  if (message === undefined) return key;
  return fill(typeof message === 'string' ? message : plural(message, language, values), language, values);
}

function plural(message: Exclude<Message, string>, language: string, values: Values): string {
  const count = Number(values.count ?? values.total ?? 0);
  // Korean has one plural category; its "one" form is a wording for a single thing.
  if (count === 1 && message.one !== undefined) return message.one;
  let rule = rules.get(language);
  if (!rule) rules.set(language, (rule = new Intl.PluralRules(language)));
  return message[rule.select(count)] ?? message.other;
}

function fill(text: string, language: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? formatNumber(value, language) : value;
  });
}

/** All five languages write whole numbers alike; the browser's own formatter takes longer to make than a list to draw. */
export function formatNumber(value: number, language: string): string {
  if (Number.isSafeInteger(value) && value >= 0) return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
  let format = numbers.get(language);
  if (!format) numbers.set(language, (format = new Intl.NumberFormat(language)));
  return format.format(value);
}
