/** What policy says of files that go as links. Small: it is loaded with the list; what sends them is not. */
import { connection } from '../app/connection.svelte.ts';

/** As the session tells it. */
export interface BigFilePolicy {
  switchOctets: number;
  maxOctets: number;
  days: number;
  downloads: number;
  passwordRequired: boolean;
  perRecipient: boolean;
  /** Whether colleagues get big files as they are. */
  fileInside: boolean;
  /** Links only show their file. */
  viewOnly: boolean;
  /** The largest file that can be shown so. */
  viewMaxOctets: number;
}

export function bigFilePolicy(): BigFilePolicy | null {
  return connection.account?.capability<BigFilePolicy | null>('bigFiles') ?? null;
}

/** A letter to each is a letter to send, a link a link to copy: more are what a list is for. */
export const MOST_EACH = 100;

/** Whether a link may be each recipient's own. */
export function mayEach(): boolean {
  return bigFilePolicy()?.perRecipient ?? false;
}

/** The largest file that goes beside a letter. */
export function maxBeside(): number {
  return connection.account?.pipeline.limits.maxSizeUpload ?? Infinity;
}

/** Whether policy wants so big a file as a link where mail leaves the company. */
export function aboveSwitch(octets: number): boolean {
  const policy = bigFilePolicy();
  return policy !== null && policy.switchOctets > 0 && octets > policy.switchOctets;
}

/** Whether a file is so big that it goes as a link by itself. */
export function goesAsLink(octets: number): boolean {
  return aboveSwitch(octets) || (bigFilePolicy() !== null && octets > maxBeside());
}
