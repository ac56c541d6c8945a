/** Attachments go, their messages stay; for some days they can be brought back. */
import type { Id } from '@smartmail/jmap/types.ts';
import { confirm } from '../app/confirm.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import { size } from '../app/format.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import { reportFailure } from '../app/perform.ts';
import { place } from '../app/place.svelte.ts';

/** Messages of one call; more go in several. */
const AT_ONCE = 50;

interface Detached {
  detached: Record<Id, { id: Id; freed: number }> | null;
  notDetached: Record<Id, unknown> | null;
}

/** Asks, then takes out: all attachments of the messages, or the named parts of each. Says which messages were changed. */
export async function detach(ids: Id[], parts: Record<Id, string[]> = {}, told = ''): Promise<boolean> {
  const { account } = connection;
  const sure = await confirm({
    title: t('detach.ask', { count: ids.length }),
    text: told ? `${told} ${t('detach.text')}` : t('detach.text'),
    verb: t('detach.verb'),
  });
  if (!sure || !account || ids.length === 0) return false;
  const made = new Map<Id, Id>();
  let freed = 0;
  let shown: number | null = null;
  const stop = new AbortController();
  if (ids.length > AT_ONCE) {
    const text = t('notice.working', { done: 0, total: ids.length });
    // Ends it; what has gone by then is told with a way back.
    shown = notices.show(text, { undo: () => stop.abort(), stays: true, working: true });
  }
  try {
    for (let at = 0; at < ids.length && !stop.signal.aborted; at += AT_ONCE) {
      if (shown !== null) notices.change(shown, t('notice.working', { done: at, total: ids.length }));
      const emails = Object.fromEntries(ids.slice(at, at + AT_ONCE).map((id) => [id, parts[id] ?? null]));
      const { detached } = await account.pipeline.send<Detached>('Email/detach', { emails }).result;
      for (const [id, one] of Object.entries(detached ?? {})) {
        made.set(id, one.id);
        freed += one.freed;
      }
    }
  } catch (error) {
    reportFailure(error);
  }
  if (shown !== null) notices.forget(shown);
  if (made.size === 0 && stop.signal.aborted) return false;
  if (made.size === 0) {
    notices.show(t('detach.none'), { tone: 'bad' });
    return false;
  }
  follow(made);
  notices.show(t('detach.done', { count: made.size, size: size(freed) }), { undo: () => void restore(made) });
  void refreshQuota();
  return true;
}

/** The message without its files is another one: whoever reads it goes on reading. */
function follow(made: ReadonlyMap<Id, Id>): void {
  const next = place.emailId === null ? undefined : made.get(place.emailId);
  if (next !== undefined) place.go({ emailId: next }, true);
}

interface Restored {
  restored: Record<Id, Id> | null;
}

async function restore(made: ReadonlyMap<Id, Id>): Promise<void> {
  const { account } = connection;
  if (!account) return;
  const ids = [...made.keys()];
  try {
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      // A deleted message has the id that it had.
      const wish = { ids: ids.slice(at, at + AT_ONCE) };
      const { restored } = await account.pipeline.send<Restored>('Email/restore', wish).result;
      follow(new Map(Object.entries(restored ?? {}).map(([old, id]) => [made.get(old) ?? '', id])));
    }
    notices.show(t('notice.undone'));
    void refreshQuota();
  } catch (error) {
    reportFailure(error);
  }
}

async function refreshQuota(): Promise<void> {
  connection.quota = (await connection.account?.quota().catch(() => null)) ?? connection.quota;
}
