/** Whether the person has an address book: policy may say no. Small, because the first page asks. */
import { CAPABILITY } from '@smartmail/jmap/types.ts';
import { connection } from './connection.svelte.ts';

export function hasContacts(): boolean {
  const { account } = connection;
  return CAPABILITY.contacts in (account?.session.accounts[account.id]?.accountCapabilities ?? {});
}

export function hasDirectory(): boolean {
  return CAPABILITY.principals in (connection.account?.session.capabilities ?? {});
}
