/** Entry of the page for certificates: to sign in or prove oneself with one; when signed in, to register one. */
import '@smartmail/ui/tokens.css';
import '@smartmail/ui/base.css';
import { me } from '@smartmail/jmap/proof.ts';
import { mount } from 'svelte';
import { useLanguage } from './app/language.svelte.ts';
import { settings } from './app/settings.svelte.ts';
import CertificateDoor from './screens/CertificateDoor.svelte';

async function begin(): Promise<void> {
  settings.apply();
  // A sign-in that has come as far as this hands its challenge over behind the #, where no log sees it.
  const challenge = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, '', location.pathname + location.search);
  const [person] = await Promise.all([me().catch(() => null), useLanguage(settings.language)]);
  const target = document.getElementById('app');
  if (target) mount(CertificateDoor, { target, props: { person, challenge } });
}

void begin();
