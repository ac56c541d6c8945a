/** The steps of the set-up wizard: each is a screen of its own that says what became of it. */
import type { Component } from 'svelte';
import { call } from '../../api/client.ts';
import type { SetupProgress } from '../../api/types.ts';

export interface StepProps {
  told: SetupProgress;
  /** It is done, or left for later. */
  onend: (state: 'done' | 'skipped') => void;
}

export const SCREENS: Record<string, () => Promise<{ default: Component<StepProps> }>> = {
  host: () => import('./Host.svelte'),
  factor: () => import('./Factor.svelte'),
  preset: () => import('./Preset.svelte'),
  outgoing: () => import('./Outgoing.svelte'),
  certificate: () => import('./Certificates.svelte'),
  records: () => import('./Records.svelte'),
  people: () => import('./FirstPeople.svelte'),
  'first-mail': () => import('./FirstMail.svelte'),
};

export async function noted(step: string, state: 'done' | 'skipped'): Promise<SetupProgress> {
  return (await call<SetupProgress>('PUT', `/setup/steps/${step}`, { body: { state } })).value;
}
