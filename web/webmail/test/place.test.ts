/** The address of a place is read as it was written. */
import { expect, test, vi } from 'vitest';
import { place } from '../src/app/place.svelte.ts';

// What the device keeps is looked at as soon as the modules are there.
vi.hoisted(() => vi.stubGlobal('localStorage', { getItem: () => null }));

/** The address bar. */
function bar(): { hash: string } {
  const address = { hash: '' };
  const put = (_state: unknown, _title: string, hash: string): void => void (address.hash = hash);
  vi.stubGlobal('location', address);
  vi.stubGlobal('history', { pushState: put, replaceState: put });
  return address;
}

test('a message without a mailbox is no place beyond mail', () => {
  const address = bar();
  place.go({ mailboxId: null, emailId: 'e1', accountId: null });
  place.read();
  expect([address.hash, place.section, place.emailId, place.accountId]).toEqual(['#~//e1', null, 'e1', null]);
});

test('other places stand in the address as before', () => {
  const address = bar();
  place.go({ mailboxId: 'm1', emailId: 'e1', accountId: null });
  expect(address.hash).toBe('#m1/e1');
  place.go({ mailboxId: null, emailId: null });
  expect(address.hash).toBe('#');
  place.open('settings', 'look');
  place.read();
  expect([address.hash, place.section, place.path]).toEqual(['#/settings/look', 'settings', ['look']]);
  place.go({ mailboxId: null, emailId: 'e2', accountId: 'a7' });
  place.read();
  expect([address.hash, place.accountId, place.mailboxId, place.emailId]).toEqual(['#~a7//e2', 'a7', null, 'e2']);
});
