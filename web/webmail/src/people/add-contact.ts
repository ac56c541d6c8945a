import UserPlus from '@lucide/svelte/icons/user-plus';
import { hasContacts } from '../app/address-books.ts';
import { type Action, known, targets } from '../actions/action.ts';

/** Whoever wrote these goes into the address book. */
export const addContact: Action = {
  id: 'add-contact',
  label: () => 'contacts.addSender',
  icon: UserPlus,
  keys: [],
  enabled: () => targets().length > 0 && hasContacts(),
  async run() {
    const senders = known(targets(true)).flatMap((email) => email.from ?? []);
    const { addPeople } = await import('./adding.ts');
    await addPeople(senders);
  },
};
