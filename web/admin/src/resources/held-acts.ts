/** What can be done with a held message, where it lies in quarantine and where its trace is read. */
import { call } from '../api/client.ts';
import type { QuarantinedMessage } from '../api/types.ts';
import { type Field, flag, text } from '../app/forms.ts';
import type { Act } from '../app/resource.ts';
import { session } from '../app/session.svelte.ts';

const at = (one: QuarantinedMessage, what: string): string => `/quarantine/${encodeURIComponent(one.id)}/${what}`;
const reason: Field = { name: 'reason', label: 'form.reason', needed: true };

export const heldActs: readonly Act<QuarantinedMessage>[] = [
  {
    label: 'quarantine.release',
    permission: 'quarantine.change',
    look: 'filled',
    // What an engine called malware stays; a judgement (phishing) may err, and somebody answers for it with a reason.
    fits: (one) => !one.malware,
    fields: (one) =>
      one.dangerous
        ? [{ ...reason, hint: 'quarantine.phishingHint', least: 5 }]
        : [
            { name: 'learn', label: 'quarantine.learn', kind: 'flag', hint: 'quarantine.learnHint' },
            { name: 'allow', label: 'quarantine.allow', kind: 'flag', hint: 'quarantine.allowHint' },
            reason,
          ],
    run: async (one, values) => {
      const body = { reason: text(values, 'reason'), learn: flag(values, 'learn'), allow: flag(values, 'allow') };
      await call('POST', at(one, 'release'), { body });
    },
  },
  {
    label: 'action.delete',
    permission: 'quarantine.change',
    look: 'bad',
    warning: 'quarantine.deleteText',
    fields: () => [reason],
    run: async (one, values) => {
      await call('POST', at(one, 'delete'), { body: { reason: text(values, 'reason') } });
    },
  },
];

interface FromSomebody {
  sender: string;
}
const domainOf = (one: FromSomebody): string => one.sender.slice(one.sender.lastIndexOf('@') + 1);
const rule = (
  label: Act<FromSomebody>['label'],
  act: 'allow' | 'block',
  subject: (one: FromSomebody) => string,
): Act<FromSomebody> => ({
  label,
  permission: 'spam.change',
  fits: (one) => one.sender.includes('@'),
  fields: (one) => [
    {
      name: 'scope', label: 'policy.scope', kind: 'scope', options: ['organization', 'domain', 'department', 'account'],
      begin: `organization:${session.me.organizationId}`,
    },
    { name: 'subject', label: 'senders.subject', needed: true, begin: subject(one), hint: 'senders.subjectHint' },
    { name: 'reason', label: 'form.reason', needed: true },
  ], // prettier-ignore
  run: async (_one, values) => {
    const body = { scope: text(values, 'scope'), act, subject: text(values, 'subject') };
    await call('POST', '/sender-rules', { body, reason: text(values, 'reason') });
  },
});

export const senderActs: readonly Act<FromSomebody>[] = [
  rule('trace.allowSender', 'allow', (one) => one.sender),
  rule('trace.blockSender', 'block', (one) => one.sender),
  rule('trace.blockDomain', 'block', domainOf),
];
