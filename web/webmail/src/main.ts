/** Entry of the webmail: language and theme first, then the screens. */
import '@smartmail/ui/tokens.css';
import '@smartmail/ui/base.css';
import './app/first-paint.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { openBackend } from './app/backend.ts';
import { connection } from './app/connection.svelte.ts';
import { warmDates } from './app/format.svelte.ts';
import { beginLanguage } from './app/language.svelte.ts';
import { settings } from './app/settings.svelte.ts';

const target = document.getElementById('app');

async function begin(): Promise<void> {
  settings.apply();
  // The words and the session travel at the same time.
  const [backend] = await Promise.all([openBackend(), beginLanguage(settings.language)]);
  void connection.start(backend);
  target?.replaceChildren();
  if (target) mount(App, { target });
  // While the server thinks, and not between the rows and their first painting.
  requestAnimationFrame(() => setTimeout(warmDates));
}

// Not from within the evaluation of all these modules: who watches the page's requests (developer tools, measurements)
// has the whole script parsed again for each request that is made in there.
queueMicrotask(() => void begin());
