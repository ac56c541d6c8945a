/** What the demo's server says of attachments, and of what became of sent mail. */
import type { Id } from '../types.ts';
import { type DemoMessage, emailOf } from './corpus.ts';
import { OWNER } from './people.ts';

type Json = Record<string, unknown>;

/** Every attachment of the messages, as the drawer asks for them. */
export function attachments(messages: readonly DemoMessage[], args: Json): Json {
  const words = ((args.text as string | undefined) ?? '').toLowerCase();
  const type = (args.mediaType as string | undefined) ?? '';
  const found = messages.flatMap((message) => {
    const email = emailOf(message);
    return (email.attachments ?? []).map((part) => ({
      emailId: email.id,
      partId: part.partId ?? '',
      blobId: part.blobId,
      name: part.name ?? '',
      type: part.type,
      size: part.size,
      receivedAt: email.receivedAt,
      from: email.from?.[0]?.name ?? '',
      subject: email.subject ?? '',
      mailboxIds: Object.keys(email.mailboxIds),
    }));
  });
  const kept = found.filter(
    (one) =>
      one.name.toLowerCase().includes(words) &&
      one.type.startsWith(type) &&
      one.size >= ((args.minSize as number | undefined) ?? 0) &&
      one.receivedAt < ((args.before as string | undefined) ?? '9') &&
      ['', one.from].includes((args.sender as string | undefined) ?? '') &&
      (!args.inMailbox || one.mailboxIds.includes(args.inMailbox as Id)),
  );
  if (args.sort === 'size') kept.sort((one, other) => other.size - one.size);
  if (args.sort === 'name') kept.sort((one, other) => one.name.localeCompare(other.name));
  const position = (args.position as number | undefined) ?? 0;
  const list = kept.slice(position, position + ((args.limit as number | undefined) ?? 100));
  const sums = (keysOf: (one: (typeof kept)[number]) => string[]): Json[] => {
    const by = new Map<string, number>();
    for (const one of kept) for (const key of keysOf(one)) by.set(key, (by.get(key) ?? 0) + one.size);
    return [...by].sort((one, other) => other[1] - one[1]).map(([key, size]) => ({ key, size }));
  };
  return {
    position,
    total: kept.length,
    totalSize: kept.reduce((sum, one) => sum + one.size, 0),
    list,
    bySender: args.calculateSums ? sums((one) => [one.from]) : null,
    byMailbox: args.calculateSums ? sums((one) => one.mailboxIds) : null,
  };
}

/** Colleagues have read every other mail; of people outside nothing is known but that their server took it. */
export function recipients(message: DemoMessage | undefined): Json {
  if (!message) throw new Error('notFound');
  const email = emailOf(message);
  const list = [...(email.to ?? []), ...(email.cc ?? [])].map(({ name, email: address }, at) => {
    const inside = address.endsWith(`@${OWNER.email.split('@')[1] ?? ''}`);
    const read = inside && (message.seed + at) % 2 === 0;
    return {
      email: address,
      name: name ?? '',
      state: read ? 'read' : 'delivered',
      known: inside ? 'inside' : 'remote',
      reply: '',
      reason: null,
      deliveredAt: email.receivedAt,
      readAt: read ? email.receivedAt : null,
      isTold: inside,
    };
  });
  return { list };
}
