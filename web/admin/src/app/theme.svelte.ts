/** Light, dark, or as the device is. */
import { MediaQuery } from 'svelte/reactivity';

const darkDevice = new MediaQuery('(prefers-color-scheme: dark)');

export function applyTheme(): void {
  document.documentElement.dataset.theme = darkDevice.current ? 'dark' : 'light';
}
