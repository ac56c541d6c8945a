/** Entry of the page of all components, which only the demo build has: `/components.html?theme=dark&contrast=more`. */
import '@smartmail/ui/tokens.css';
import '@smartmail/ui/base.css';
import { bringFace } from '@smartmail/ui/face.ts';
import Gallery from '@smartmail/ui/gallery/Gallery.svelte';
import { mount } from 'svelte';

const wish = new URLSearchParams(location.search);
document.documentElement.dataset.theme = wish.get('theme') ?? 'light';
document.documentElement.dataset.contrast = wish.get('contrast') ?? 'normal';

async function begin(): Promise<void> {
  await bringFace();
  const target = document.getElementById('app');
  if (target) mount(Gallery, { target });
}

void begin();
