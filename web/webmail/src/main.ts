/** Entry of the webmail: language and theme first, then the screens. */
import '@smartmail/ui/tokens.css';
import '@smartmail/ui/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { openBackend } from './app/backend.ts';
import { connection } from './app/connection.svelte.ts';
import { beginLanguage } from './app/language.svelte.ts';
import { settings } from './app/settings.svelte.ts';

const target = document.getElementById('app');

async function begin(): Promise<void> {
  settings.apply();
  // The words and the session travel at the same time.
  const [backend] = await Promise.all([openBackend(), beginLanguage(settings.language)]);
  void connection.start(backend);
  if (target) mount(App, { target });
}

void begin();
