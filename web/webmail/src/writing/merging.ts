/** 개별발송: one letter to each, with what is known of them in the places that are marked. Pure. */
import { escapeHtml, type Letter } from '@smartmail/jmap/compose.ts';
import type { EmailAddress } from '@smartmail/jmap/types.ts';

export interface Fields {
  name: string;
  title: string;
  department: string;
  email: string;
}

/** The marks in the five languages; a template written in one of them works on every screen. */
const NAMES: Record<keyof Fields, readonly string[]> = {
  name: ['이름', 'name', '名前', '姓名'],
  title: ['직위', 'title', '役職', '职位', '職稱'],
  department: ['부서', 'department', '部署', '部门', '部門'],
  email: ['메일', 'email', 'メール', '邮箱', '信箱'],
};
const FIELD_OF = new Map(
  (Object.keys(NAMES) as (keyof Fields)[]).flatMap((field) => NAMES[field].map((name) => [name, field] as const)),
);
const MARK = /\{\{\s*([^{}]{1,20}?)\s*\}\}/g;

export function fieldsOf(
  address: EmailAddress,
  known?: { name: string; title?: string | null; department?: string | null } | undefined,
): Fields {
  return {
    name: known?.name ?? address.name ?? address.email.split('@')[0] ?? '',
    title: known?.title ?? '',
    department: known?.department ?? '',
    email: address.email,
  };
}

/** The letter as one of its recipients gets it. */
export function personal(letter: Letter, recipient: EmailAddress, fields: Fields): Letter {
  return {
    ...letter,
    to: [{ name: recipient.name, email: recipient.email }],
    cc: [],
    bcc: [],
    subject: merged(letter.subject, fields),
    text: merged(letter.text, fields),
    html: letter.html === null ? null : merged(letter.html, fields, true),
  };
}

/** A mark that means nothing here stays as it was typed. */
export function merged(text: string, fields: Fields, html = false): string {
  return text.replace(MARK, (mark, name: string) => {
    const field = FIELD_OF.get(name.toLowerCase());
    if (!field) return mark;
    return html ? escapeHtml(fields[field]) : fields[field];
  });
}
