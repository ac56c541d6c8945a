/** Entry of the one-time set-up page: nothing of the webmail is loaded. */
import '@smartmail/ui/tokens.css';
import '@smartmail/ui/base.css';
import { mount } from 'svelte';
import { openBackend } from './app/backend.ts';
import { useLanguage } from './app/language.svelte.ts';
import { settings } from './app/settings.svelte.ts';
import SetUp from './screens/SetUp.svelte';

async function begin(): Promise<void> {
  settings.apply();
  const [backend] = await Promise.all([openBackend(), useLanguage(settings.language)]);
  // The token stands behind the #, so that it never reaches a log; it leaves the address bar at once.
  const token = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, '', location.pathname + location.search);
  const target = document.getElementById('app');
  if (target) mount(SetUp, { target, props: { backend, token } });
}

void begin();
