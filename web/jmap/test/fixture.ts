import { Account } from '../src/account.ts';
import { DemoClient } from '../src/demo/client.ts';
import type { MailboxRole } from '../src/types.ts';

/** An account over the demo client: the real client code, a real (if small) JMAP server behind it. */
export async function openAccount(size = 300): Promise<{ account: Account; client: DemoClient }> {
  const client = new DemoClient({ size, delay: 0, signedIn: true, broken: false, arrivals: 0 });
  const account = new Account(client, await client.session());
  await account.loadMailboxes();
  return { account, client };
}

export function mailboxOf(
  account: Account,
  role: MailboxRole,
): { id: string; name: string; unreadEmails: number; totalEmails: number } {
  const mailbox = account.mailboxes.values().find((each) => each.role === role);
  if (!mailbox) throw new Error(`no ${role}`);
  return mailbox;
}

/** Lets everything that was started come to rest. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 60; i += 1) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
  for (let i = 0; i < 60; i += 1) await Promise.resolve();
}
