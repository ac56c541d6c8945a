/** Reminders of the demo, and the wait for an answer that travels with the sending. */
import { describe, expect, it } from 'vitest';
import { DemoServer } from '../src/demo/server.ts';
import type { Invocation } from '../src/methods.ts';

function demo() {
  let now = Date.parse('2026-11-27T00:00:00Z');
  const server = new DemoServer(3, () => now);
  const told: string[] = [];
  server.onChange((state) => told.push(state));
  const call = (name: string, args: Record<string, unknown>): Record<string, unknown> => {
    const methodCalls: Invocation[] = [[name, args, '0']];
    return server.handle({ using: [], methodCalls }).methodResponses[0]?.[1] as Record<string, unknown>;
  };
  const inbox = (): unknown => call('Email/query', { filter: { inMailbox: 'inbox' } }).ids;
  const reminder = (id: string): unknown =>
    (call('Email/get', { ids: [id] }).list as { reminder: unknown }[])[0]?.reminder;
  return { call, inbox, reminder, server, told, pass: (ms: number) => (now += ms) };
}

const HOUR = 3_600_000;
const AT = '2026-11-27T01:00:00Z';

describe('reminders of the demo', () => {
  it('takes mail out of the list and brings it back on top', () => {
    const { call, inbox, reminder, server, told, pass } = demo();
    expect(call('Email/remind', { ids: ['inbox-2'], kind: 'snooze', at: AT }).reminded).toEqual(['inbox-2']);
    expect(inbox()).toEqual(['inbox-0', 'inbox-1']);
    expect(reminder('inbox-2')).toEqual({ kind: 'snooze', state: 'waiting', at: AT });
    const before = told.length;
    pass(HOUR);
    server.wake();
    expect(told.length).toBe(before + 1);
    expect(inbox()).toEqual(['inbox-2', 'inbox-0', 'inbox-1']);
    expect(reminder('inbox-2')).toMatchObject({ state: 'woken' });
    call('Email/endReminder', { ids: ['inbox-2'] });
    expect(reminder('inbox-2')).toBeNull();
  });

  it('ends before the hour where it was', () => {
    const { call, inbox } = demo();
    call('Email/remind', { ids: ['inbox-1'], kind: 'snooze', at: AT });
    call('Email/endReminder', { ids: ['inbox-1'] });
    expect(inbox()).toEqual(['inbox-0', 'inbox-1', 'inbox-2']);
    expect(call('Reminder/query', {}).list).toEqual([]);
  });

  it('shows sent mail without an answer in the inbox, and waits again', () => {
    const { call, inbox, server, pass } = demo();
    call('Email/remind', { ids: ['sent-0'], kind: 'followUp', at: AT });
    expect(inbox()).not.toContain('sent-0');
    pass(HOUR);
    server.wake();
    expect((inbox() as string[])[0]).toBe('sent-0');
    call('Email/remind', { ids: ['sent-0'], kind: 'snooze', at: '2026-11-28T00:00:00Z' });
    expect(inbox()).not.toContain('sent-0');
    expect(call('Reminder/query', {}).list).toMatchObject([{ emailId: 'sent-0', kind: 'followUp', state: 'waiting' }]);
  });
});
