/** What everybody agrees to before they use their mail, and who agreed to which version. */
import { call } from '../api/client.ts';
import type { Consent, ConsentText } from '../api/types.ts';
import { type Field, filled, text } from '../app/forms.ts';
import { t } from '../app/language.svelte.ts';
import type { Resource } from '../app/resource.ts';
import { count, exactly, when } from '../app/show.ts';

const LANGUAGES = ['ko', 'en', 'ja', 'zh-Hans', 'zh-Hant'] as const;
/** A language by its own name. */
function languageName(code: string): string {
  return new Intl.DisplayNames(code, { type: 'language' }).of(code) ?? code;
}

/** All versions, the newest of each text first. */
export function newestFirst(rows: ConsentText[]): ConsentText[] {
  return rows.toSorted(
    (one, other) =>
      one.name.localeCompare(other.name) || other.version - one.version || one.language.localeCompare(other.language),
  );
}

const textFields = (): Field[] => [
  { name: 'name', label: 'agreements.name', needed: true, begin: 'privacy', hint: 'agreements.nameHint' },
  { name: 'ko', label: 'agreements.ko', kind: 'long', hint: 'agreements.textHint' },
  { name: 'en', label: 'agreements.en', kind: 'long', hint: 'agreements.textHint' },
  { name: 'ja', label: 'agreements.ja', kind: 'long', hint: 'agreements.textHint' },
  { name: 'zh-Hans', label: 'agreements.zhHans', kind: 'long', hint: 'agreements.textHint' },
  { name: 'zh-Hant', label: 'agreements.zhHant', kind: 'long', hint: 'agreements.textHint' },
];

export const texts: Resource<ConsentText> = {
  id: 'agreements',
  text: 'agreements.textsText',
  empty: 'agreements.noTexts',
  path: '/consent-texts',
  key: (row) => `${row.name} ${String(row.version)} ${row.language}`,
  title: (row) => `${row.name} · ${t('agreements.numbered', { number: row.version })} · ${languageName(row.language)}`,
  arrange: newestFirst,
  columns: [
    { name: 'agreements.name', show: (row) => row.name },
    { name: 'agreements.version', show: (row) => count(row.version), kind: 'number' },
    { name: 'action.language', show: (row) => languageName(row.language), kind: 'wide' },
    { name: 'trace.at', show: (row) => when(row.at), kind: 'time' },
  ],
  facts: (row) => [
    [t('trace.at'), exactly(row.at)],
    [t('agreements.body'), row.text],
  ],
  making: {
    label: 'agreements.publish',
    permission: 'policy.change',
    text: 'agreements.publishText',
    fields: textFields,
    run: async (values) => {
      const given = filled(Object.fromEntries(LANGUAGES.map((one) => [one, text(values, one)])));
      await call('POST', '/consent-texts', { body: { name: text(values, 'name'), texts: given } });
    },
  },
};

export const given: Resource<Consent> = {
  id: 'agreements',
  text: 'agreements.givenText',
  empty: 'agreements.noneGiven',
  path: '/consents',
  key: (row) => `${row.login} ${row.name} ${String(row.version)}`,
  title: (row) => row.login,
  columns: [
    { name: 'appointments.who', show: (row) => row.login },
    { name: 'agreements.name', show: (row) => row.name, kind: 'wide' },
    { name: 'agreements.version', show: (row) => count(row.version), kind: 'number' },
    { name: 'trace.at', show: (row) => when(row.at), kind: 'time' },
    { name: 'records.address', show: (row) => row.address ?? '' },
  ],
};
