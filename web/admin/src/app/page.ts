/**
 * What a page of the admin web is: address, permission without which it is not offered, symbol, and
 * where it is – a screen of its own, or a list that is told as data.
 */
import type { Component } from 'svelte';
import type { AnyResource } from './resource.ts';

export interface Shown {
  of: Component | null;
  list: AnyResource | null;
}

export interface PageOf {
  id: string;
  path: string;
  icon: Component;
  permission?: string;
  load: () => Promise<Shown>;
}

type Screen = () => Promise<{ default: Component }>;
export const screen = (load: Screen) => async (): Promise<Shown> => ({ of: (await load()).default, list: null });
export const list = (load: () => Promise<AnyResource>) => async (): Promise<Shown> => ({
  of: null,
  list: await load(),
});

/** Where the address is not the name. The server answers `/appearance` itself: a page there could not be loaded anew. */
const PATHS: Record<string, string> = { overview: '', appearance: 'company-appearance' };

export function page(id: string, icon: Component, permission: string, load: () => Promise<Shown>): PageOf {
  return { id, path: PATHS[id] ?? id, icon, load, ...(permission ? { permission } : {}) };
}
