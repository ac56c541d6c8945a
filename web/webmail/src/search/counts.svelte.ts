/** How many messages each saved search finds, asked anew when mail changes; several changes in a row are one question. */
import { SvelteMap } from 'svelte/reactivity';
import { connection } from '../app/connection.svelte.ts';
import { place } from '../app/place.svelte.ts';
import { mailboxByRole } from '../app/records.svelte.ts';

const PAUSE_MS = 1200;
const FIRST_MS = 1000;
const counts = new SvelteMap<string, number>();
/** Asked for and not answered yet: over a large mailbox that takes its time. */
const asking = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

export const countOf = (line: string): number | undefined => counts.get(line);

/** `soon`: the mail has changed; otherwise only what is not known yet is asked for. */
export function recount(lines: readonly string[], soon: boolean): void {
  const asked = soon ? lines : lines.filter((line) => !counts.has(line) && !asking.has(line));
  if (asked.length === 0) return;
  // Numbers in the margin wait until the first rows have been looked at; they put off nothing that waits for a change.
  if (!soon) {
    for (const line of asked) asking.add(line);
    setTimeout(() => void Promise.all(asked.map(count)), FIRST_MS);
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(() => void Promise.all(asked.map(count)), PAUSE_MS);
}

async function count(line: string): Promise<void> {
  const { account } = connection;
  if (!account) return;
  const args = { filter: place.conditionOf(line, mailboxByRole), limit: 1, calculateTotal: true };
  asking.add(line);
  try {
    const { total } = await account.pipeline.call('Email/query', args).result;
    if (total !== undefined) counts.set(line, total);
  } catch (error) {
    connection.failed(error);
  } finally {
    asking.delete(line);
  }
}
