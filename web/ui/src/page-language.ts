/** The language of the page, for what the browser knows to say itself: days, months. Redraws when it changes. */
import { createSubscriber } from 'svelte/reactivity';

const changes = createSubscriber((update) => {
  const seen = new MutationObserver(update);
  seen.observe(document.documentElement, { attributes: true, attributeFilter: ['lang'] });
  return () => seen.disconnect();
});

export function pageLanguage(): string {
  changes();
  return document.documentElement.lang || 'ko';
}
