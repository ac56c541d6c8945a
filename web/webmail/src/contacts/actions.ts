/** The address book by keyboard and by name: before the actions of mail while it is shown. */
import Pencil from '@lucide/svelte/icons/pencil';
import Trash2 from '@lucide/svelte/icons/trash-2';
import UserPlus from '@lucide/svelte/icons/user-plus';
import type { Action } from '../actions/action.ts';
import { compose } from '../actions/compose.ts';
import { steppingBack } from '../people/back-action.ts';

interface Screen {
  chosen: Map<string, unknown>;
  opened: () => boolean;
  add: () => void;
  edit: () => void;
  write: () => Promise<void>;
  remove: () => Promise<void>;
  close: () => void;
}

export function actionsFor({ chosen, opened, add, edit, write, remove, close }: Screen): Action[] {
  const some = (): boolean => chosen.size > 0 || opened();
  return [
    { id: 'new-contact', label: () => 'contacts.new', icon: UserPlus, keys: ['n'], enabled: () => true, run: add },
    { id: 'edit-contact', label: () => 'contacts.edit', icon: Pencil, keys: ['e'], enabled: opened, run: edit },
    { id: 'delete', label: () => 'action.delete', icon: Trash2, keys: ['#', 'Delete'], enabled: some, run: remove },
    // To those who are chosen, or whose card is open.
    { ...compose, run: write },
    steppingBack(chosen, opened, close),
  ];
}
