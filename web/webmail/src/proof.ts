/** Entry of the page that asks for second factors, new passwords and consents; nothing of the mail is loaded. */
import '@smartmail/ui/tokens.css';
import '@smartmail/ui/base.css';
import { me } from '@smartmail/jmap/proof.ts';
import { mount } from 'svelte';
import { useLanguage } from './app/language.svelte.ts';
import { takeWaiting } from './app/required-steps.ts';
import { settings } from './app/settings.svelte.ts';
import ProofDoor from './screens/ProofDoor.svelte';

async function begin(): Promise<void> {
  settings.apply();
  // A token of a mail stands behind the #, so that it never reaches a log; it leaves the address bar at once.
  const wish = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, '', location.pathname);
  const waiting = takeWaiting();
  const [person] = await Promise.all([waiting || wish ? null : me().catch(() => null), useLanguage(settings.language)]);
  const target = document.getElementById('app');
  if (target) mount(ProofDoor, { target, props: { waiting, person, wish } });
}

void begin();
