/** Entry of the page that helps to connect mail programs: nothing of the webmail is loaded. */
import '@smartmail/ui/tokens.css';
import '@smartmail/ui/base.css';
import { mount } from 'svelte';
import { openBackend } from './app/backend.ts';
import { useLanguage } from './app/language.svelte.ts';
import { settings } from './app/settings.svelte.ts';
import Connect from './screens/Connect.svelte';

async function begin(): Promise<void> {
  settings.apply();
  const [backend] = await Promise.all([openBackend(), useLanguage(settings.language)]);
  const target = document.getElementById('app');
  if (target) mount(Connect, { target, props: { backend } });
}

void begin();
