/** The list of those whose remote pictures are shown at once, kept with the preferences. */
import { settings } from '../app/settings.svelte.ts';
import { withTrusted } from './pictures.ts';

export const trustedPictures = (): readonly string[] => settings.of('picturesFrom') ?? [];

export function trustPictures(who: string): void {
  settings.choose({ picturesFrom: withTrusted(trustedPictures(), who) });
}

export function distrustPictures(who: string): void {
  settings.choose({ picturesFrom: trustedPictures().filter((one) => one !== who) });
}
