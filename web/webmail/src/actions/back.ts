import ArrowLeft from '@lucide/svelte/icons/arrow-left';
import { listing } from '../app/listing.svelte.ts';
import { place } from '../app/place.svelte.ts';
import type { Action } from './action.ts';

export const back: Action = {
  id: 'back',
  label: () => 'action.back',
  icon: ArrowLeft,
  keys: ['u', 'Escape'],
  enabled: () => place.section !== null || place.emailId !== null || listing.checked.size > 0,
  run() {
    if (place.section !== null) place.go({});
    else if (listing.checked.size > 0) listing.uncheck();
    else place.go({ emailId: null });
    listing.view?.focus();
  },
};
