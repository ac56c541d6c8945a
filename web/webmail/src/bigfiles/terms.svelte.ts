/** What links ask for: how long, how often, a password or a code, from where, and whether they only show their file. */
import { SvelteDate } from 'svelte/reactivity';
import { size } from '../app/format.svelte.ts';
import { t } from '../app/language.svelte.ts';
import type { Kept } from './draft-header.ts';
import { countriesOf, networksOf } from './places.ts';
import { bigFilePolicy, mayEach } from './policy.ts';

const USUAL_DAYS = 7;
/** As the server asks. */
const MIN_PASSWORD = 4;
const MOST_DOWNLOADS = 100_000;

export class LinkTerms {
  days = $state(Math.min(USUAL_DAYS, bigFilePolicy()?.days ?? USUAL_DAYS));
  /** 0: any number. */
  downloads = $state(bigFilePolicy()?.downloads ?? 0);
  /** Never kept: a draft that goes on asks for it again. */
  password = $state('');
  locked = $state(bigFilePolicy()?.passwordRequired ?? false);
  /** A code is mailed to who gets the link. */
  coded = $state(false);
  viewOnly = $state(bigFilePolicy()?.viewOnly ?? false);
  /** Each recipient of a letter gets a link of their own, so that it is known who fetched the file. */
  each = $state(false);
  /** As they are typed. */
  countries = $state('');
  networks = $state('');

  /** Why they cannot be had for these files, in words. `addressed`: each link goes to one person. */
  obstacle(files: readonly { name: string; size: number }[], addressed: boolean): string | null {
    const { days, downloads: bound, viewMaxOctets } = bigFilePolicy() ?? { days: 0, downloads: 0 };
    const least = bound > 0 ? 1 : 0;
    const most = bound > 0 ? bound : MOST_DOWNLOADS;
    // A field of numbers gives undefined when it is empty.
    if (!within(this.days, 1, days) || !within(this.downloads, least, most))
      return t('big.termsWrong', { days, least, most });
    const shown = viewMaxOctets ?? Infinity;
    const large = this.viewOnly ? files.find((one) => one.size > shown) : undefined;
    if (large) return t('big.viewTooLarge', { name: large.name, size: size(shown) });
    if (countriesOf(this.countries) === null) return t('big.countriesWrong');
    if (networksOf(this.networks) === null) return t('big.networksWrong');
    if (this.coded) return addressed ? null : t('big.codeOne');
    return this.locked && this.password.length < MIN_PASSWORD
      ? t('big.passwordMissing', { count: MIN_PASSWORD })
      : null;
  }

  /** In one line: how long, how often, for whom. */
  get words(): string {
    const often = this.downloads > 0 ? t('big.times', { count: this.downloads }) : t('big.timesFree');
    const lock = this.coded ? t('big.code') : this.locked ? t('big.password') : t('big.everyone');
    const rest = [this.viewOnly && t('big.viewOnly'), this.each && t('big.each')];
    const placed = (this.countries !== '' || this.networks !== '') && t('big.places');
    return [t('big.daysShort', { count: this.days }), often, lock, ...rest, placed].filter(Boolean).join(' · ');
  }

  /** As the server is asked for them. */
  get wish(): object {
    const end = new SvelteDate();
    end.setDate(end.getDate() + this.days);
    return {
      expiresAt: `${end.toISOString().slice(0, 19)}Z`,
      mostDownloads: this.downloads,
      ...(this.coded ? { byCode: true } : this.locked ? { password: this.password } : {}),
      ...(this.viewOnly ? { viewOnly: true } : {}),
      countries: countriesOf(this.countries) ?? [],
      networks: networksOf(this.networks) ?? [],
    };
  }

  /** What tells one wish from another, whenever it is made. */
  get key(): unknown[] {
    const { days, downloads, locked, password, coded, viewOnly, countries, networks } = this;
    return [days, downloads, locked ? password : null, coded, viewOnly, countries, networks];
  }

  get kept(): Omit<Kept, 'ids'> {
    const { days, downloads, locked, coded, viewOnly, each } = this;
    const [countries, networks] = [countriesOf(this.countries) ?? [], networksOf(this.networks) ?? []];
    return { days, downloads, locked, coded, viewOnly, each, countries, networks };
  }

  restore(kept: Kept): void {
    [this.days, this.downloads, this.locked, this.coded] = [kept.days, kept.downloads, kept.locked, kept.coded];
    this.each = kept.each && mayEach();
    this.viewOnly = kept.viewOnly || (bigFilePolicy()?.viewOnly ?? false);
    [this.countries, this.networks] = [kept.countries.join(', '), kept.networks.join(', ')];
  }
}

function within(value: number | null | undefined, least: number, most: number): boolean {
  return Number.isInteger(value) && (value ?? 0) >= least && (value ?? 0) <= most;
}
