import Trash2 from '@lucide/svelte/icons/trash-2';
import { Stopped } from '@smartmail/jmap/outbox.ts';
import { connection } from '../app/connection.svelte.ts';
import { confirm } from '../app/confirm.svelte.ts';
import { withConversations } from '../app/conversations.ts';
import { t } from '../app/language.svelte.ts';
import { listing } from '../app/listing.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { perform, reportFailure, whereNext, WORTH_PROGRESS } from '../app/perform.ts';
import { shownByRole } from '../app/records.svelte.ts';
import { type Action, hereRole, leaving, mayTo, targets } from './action.ts';

/** In the trash and among drafts there is no further place to go to: deleting is for good there. */
export const isFinal = (): boolean => hereRole() === 'trash' || hereRole() === 'drafts';

export const deleteAction: Action = {
  id: 'delete',
  label: () => (isFinal() ? 'action.deleteForever' : 'action.delete'),
  icon: Trash2,
  keys: ['#', 'Delete'],
  enabled: () => targets().length > 0,
  may: () => mayTo('mayRemoveItems'),
  run: () => deleteMessages(targets(true)),
};

export async function deleteMessages(ids: string[]): Promise<void> {
  const trash = shownByRole('trash');
  if (ids.length === 0) return;
  if (isFinal() || !trash) return destroy(ids);
  await perform({
    ids,
    change: { mailboxes: leaving(ids, trash.id) },
    leaves: true,
    notice: (count) => t('notice.deleted', { count }),
  });
}

async function destroy(rows: string[]): Promise<void> {
  const ids = await withConversations(rows);
  const sure = await confirm({
    title: t('notice.destroyAsk', { count: ids.length }),
    text: t('notice.destroyText'),
    verb: t('action.deleteForever'),
  });
  const account = connection.mail;
  if (!sure || !account) return;
  const after = whereNext(ids);
  const hidden = listing.hide(ids);
  after?.();
  const many = ids.length > WORTH_PROGRESS;
  let shown: number | null = null;
  const pending = account.outbox.destroying(ids, (done, total) => {
    if (shown !== null) notices.change(shown, t('notice.working', { done, total }));
  });
  if (many) {
    const text = t('notice.working', { done: 0, total: ids.length });
    shown = notices.show(text, { undo: () => void pending.stop(), stays: true, working: true });
  }
  try {
    await pending.done;
    hidden.forget();
    notices.show(t('notice.destroyed', { count: ids.length }));
  } catch (error) {
    hidden.restore();
    if (error instanceof Stopped) notices.show(t('notice.destroyed', { count: error.ids.length }));
    else reportFailure(error);
  } finally {
    if (shown !== null) notices.forget(shown);
  }
}
