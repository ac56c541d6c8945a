/** The security labels of the company, the lowest first; none where it uses none. */
import { connection } from './connection.svelte.ts';
import type { SecurityLabel } from './security-labels.ts';

export const houseLabels = (): SecurityLabel[] =>
  connection.account?.capability<SecurityLabel[]>('securityLabels') ?? [];
