/** Light, dark, or as the device is. */
import { MediaQuery } from 'svelte/reactivity';

const KEY = 'smartmail.admin.theme';
const contrastDevice = new MediaQuery('(prefers-contrast: more)');
const darkDevice = new MediaQuery('(prefers-color-scheme: dark)');

function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
let own = $state(kept());

export const isDark = (): boolean => (own === null ? darkDevice.current : own === 'dark');

export function applyTheme(): void {
  document.documentElement.dataset.contrast = contrastDevice.current ? 'more' : 'normal';
  document.documentElement.dataset.theme = isDark() ? 'dark' : 'light';
}

/** The other one. Who chooses what the device says follows the device again. */
export function turnTheme(): void {
  const dark = !isDark();
  own = dark === darkDevice.current ? null : dark ? 'dark' : 'light';
  try {
    if (own === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, own);
  } catch {
    // Private windows may have no storage: the choice then lasts as long as the page.
  }
}
