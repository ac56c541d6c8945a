/**
 * Notifications of this device while no page is open (RFC 8620 §7.2, RFC 8291): the browser's push service hears only
 * that something changed; the service worker asks the server what it was.
 */
import type { Account } from '@smartmail/jmap/account.ts';
import { CAPABILITY, type Id } from '@smartmail/jmap/types.ts';
import { forgetMemo, readMemo, writeMemo } from './worker-memo.ts';
import { connection } from './connection.svelte.ts';
import { t } from './language.svelte.ts';
import { mailboxByRole } from './records.svelte.ts';
import { settings } from './settings.svelte.ts';

/** `blocked`: the browser was told to let none through, and only the person can change that. */
export type PushState = 'missing' | 'blocked' | 'off' | 'on';

interface Subscription {
  id: Id;
  deviceClientId: string;
}

const DEVICE = 'smartmail.device';
const TYPES = ['Email', 'Bulletin'];

class Push {
  state = $state<PushState>('off');

  /** Once, when the mail is on the screen: a subscription that stands is kept alive. */
  async begin(account: Account): Promise<void> {
    this.state = await found();
    if (this.state !== 'on') return;
    // What was on the screen needs no notification.
    addEventListener('visibilitychange', () => document.hidden && void this.remember(account));
    await this.#tell(account).catch((error: unknown) => connection.failed(error));
    await this.remember(account);
  }

  /** Asks the person through the browser; raises what stands in the way. */
  async turnOn(account: Account): Promise<void> {
    if ((await Notification.requestPermission()) !== 'granted') {
      this.state = await found();
      return;
    }
    const { pushManager } = await navigator.serviceWorker.ready;
    await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: keyOf(account) });
    await this.remember(account);
    await this.#tell(account);
    this.state = 'on';
  }

  async turnOff(account: Account): Promise<void> {
    const registration = await navigator.serviceWorker.ready;
    await (await registration.pushManager.getSubscription())?.unsubscribe();
    await forgetMemo();
    this.state = 'off';
    const old = await this.#own(account);
    if (old.length > 0) await set(account, { destroy: old.map(({ id }) => id) });
  }

  /** At sign-out: no word of this person's mail comes to this device any more. */
  async forget(account: Account | null): Promise<void> {
    if (this.state === 'on' && account) await this.turnOff(account).catch(() => undefined);
    await forgetMemo().catch(() => undefined);
  }

  /** Leaves for the worker what it needs: the words, the policy, and how far the person has seen. */
  async remember(account: Account): Promise<void> {
    const inbox = mailboxByRole('inbox');
    if (!inbox || !('caches' in globalThis)) return;
    const quiet = settings.of('quietHours');
    const told = (await readMemo())?.bulletins;
    await writeMemo({
      ...(told ? { bulletins: told } : {}),
      apiUrl: new URL(account.session.apiUrl, location.origin).pathname,
      accountId: account.id,
      inbox: inbox.id,
      mailboxes: [...(settings.of('pushMailboxes') ?? [inbox.id])],
      archive: mailboxByRole('archive')?.id ?? null,
      trash: mailboxByRole('trash')?.id ?? null,
      mayContent: account.may('mayPushContent'),
      quiet: quiet ?? null,
      quietDays: [...(settings.of('quietDays') ?? [])],
      state: account.emails.state,
      words: {
        arrived: t('push.arrived'),
        arrivedText: t('push.arrivedText'),
        arrivedElsewhere: t('push.arrivedElsewhere'),
        archive: t('mailbox.archive'),
        trash: t('action.delete'),
        reply: t('action.reply'),
        noSubject: t('list.noSubject'),
        bulletin: t('push.bulletin'),
        bulletinText: t('push.bulletinText'),
      },
    });
  }

  /** The server is told where this device hears; an older word of it goes. */
  async #tell(account: Account): Promise<void> {
    const registration = await navigator.serviceWorker.ready;
    const subscription = (await registration.pushManager.getSubscription())?.toJSON();
    if (!subscription?.endpoint || !subscription.keys) return;
    const old = await this.#own(account);
    const { p256dh, auth } = subscription.keys;
    const made = { deviceClientId: device(), url: subscription.endpoint, keys: { p256dh, auth }, types: TYPES };
    await set(account, { create: { here: made }, destroy: old.map(({ id }) => id) });
  }

  async #own(account: Account): Promise<Subscription[]> {
    const call = account.pipeline.send<{ list: Subscription[] }>('PushSubscription/get', {
      accountId: undefined,
      ids: null,
    });
    return (await call.result).list.filter((each) => each.deviceClientId === device());
  }
}

/** PushSubscription is the person's and of no account (RFC 8620 §7.2). */
async function set(account: Account, args: object): Promise<void> {
  const call = account.pipeline.send<{ notCreated?: Record<string, { description?: string }> | null }>(
    'PushSubscription/set',
    { accountId: undefined, ...args },
  );
  const refused = Object.values((await call.result).notCreated ?? {})[0];
  if (refused) throw new Error(refused.description ?? 'refused');
}

async function found(): Promise<PushState> {
  if (!('serviceWorker' in navigator) || !('PushManager' in globalThis) || !('Notification' in globalThis))
    return 'missing';
  if (Notification.permission === 'denied') return 'blocked';
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ? 'on' : 'off';
}

function keyOf(account: Account): string {
  const capability = account.session.capabilities[CAPABILITY.vapid] as { applicationServerKey?: string } | undefined;
  if (!capability?.applicationServerKey) throw new Error('no key');
  return capability.applicationServerKey;
}

/** The same name for this browser each time; it says nothing about it. */
function device(): string {
  let name = localStorage.getItem(DEVICE);
  if (!name) localStorage.setItem(DEVICE, (name = crypto.randomUUID()));
  return name;
}

export const push = new Push();
