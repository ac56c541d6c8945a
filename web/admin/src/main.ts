/** Entry of the admin web: language and theme first, then the screens. */
import '@smartmail/ui/tokens.css';
import '@smartmail/ui/base.css';
import { afterPaint } from '@smartmail/ui/after-paint.ts';
import { bringFace } from '@smartmail/ui/face.ts';
import { keepFocus } from '@smartmail/ui/lost-focus.ts';
import { mount } from 'svelte';
import App from './App.svelte';
import { firstLanguage, useLanguage } from './app/language.svelte.ts';
import { session } from './app/session.svelte.ts';
import { applyTheme } from './app/theme.svelte.ts';

const target = document.getElementById('app');

async function begin(): Promise<void> {
  applyTheme();
  // The catalogue and the session travel at the same time.
  await Promise.all([session.start(), useLanguage(firstLanguage())]);
  if (target) mount(App, { target });
  keepFocus();
  afterPaint(() => void bringFace());
}

void begin();
