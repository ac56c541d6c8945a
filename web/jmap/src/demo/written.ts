/** What a person has written in the demo, out of the Email object that the page sends. */
import type { Email, Id } from '../types.ts';
import type { DemoMessage } from './corpus.ts';

type Json = Record<string, unknown>;

export function writtenOf(value: Json): DemoMessage['written'] {
  const values = (value.bodyValues ?? {}) as Record<string, { value: string }>;
  const text = values.text?.value ?? '';
  const files = (value.attachments ?? []) as Email['attachments'];
  return {
    from: value.from as Email['from'],
    to: (value.to ?? []) as Email['to'],
    cc: (value.cc ?? []) as NonNullable<Email['cc']>,
    subject: value.subject as string,
    preview: text.slice(0, 200),
    text,
    ...threadOf(value),
    ...(value.messageId ? { messageId: value.messageId as string[] } : {}),
    attachments: files ?? [],
    hasAttachment: (files ?? []).length > 0,
    ...(values.html ? { html: values.html.value } : {}),
  };
}

function threadOf(value: Json): { threadId?: Id } {
  const root = ((value.references ?? []) as string[])[0]?.split('@')[0];
  return root === undefined ? {} : { threadId: `t-${root}` };
}
