/** What tells two of the same name apart. Pure. */
import type { Principal } from '@smartmail/jmap/mailbox-acts.ts';

export const detailOf = (one: Principal): string => [one.department, one.title, one.email].filter(Boolean).join(' · ');
