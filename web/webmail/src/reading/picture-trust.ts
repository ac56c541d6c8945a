/** The list of those whose remote pictures are shown at once, kept with the preferences. */
import type { RenderedBody } from '@smartmail/jmap/types.ts';
import { t } from '../app/language.svelte.ts';
import { settings } from '../app/settings.svelte.ts';
import { withTrusted } from './pictures.ts';

export const trustedPictures = (): readonly string[] => settings.of('picturesFrom') ?? [];

export function trustPictures(who: string): void {
  settings.choose({ picturesFrom: withTrusted(trustedPictures(), who) });
}

export function distrustPictures(who: string): void {
  settings.choose({ picturesFrom: trustedPictures().filter((one) => one !== who) });
}

/** How many pictures wait or were kept out; empty where there is nothing to tell. */
export function picturesSaid(body: RenderedBody | null, shown: boolean): string {
  const trackers = body?.trackerCount ?? 0;
  const waiting = shown ? 0 : (body?.remoteCount ?? 0) - trackers;
  return [
    waiting > 0 ? t('banner.images', { count: waiting }) : '',
    trackers > 0 ? t('banner.trackers', { count: trackers }) : '',
  ]
    .join(' ')
    .trim();
}
