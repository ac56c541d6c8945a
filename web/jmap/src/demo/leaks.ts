/** Leak prevention of the demo: it looks at subjects alone, and at the security label. */
import type { DemoMessage } from './corpus.ts';
import { cautionsOf } from './misdelivery.ts';

/** What waits: mail with "계약서" in its subject. */
export const waitsFor = (subject: string): object | null =>
  subject.includes('계약서')
    ? { id: null, line: '부서장 결재', approvers: ['이서연'], reasons: [{ kind: 'rule', text: '계약서' }] }
    : null;

const TYPE = 'https://smartmail.example/ns/security-label';

/** The third mail of the inbox is confidential. */
export function labelFields(message: DemoMessage): string[] {
  return message.id === 'inbox-2' ? [`marking="대외비"; type="${TYPE}"; label="confidential"`] : [];
}

/** The label that an answer to these carries at least. */
function leastLabel(behind: (DemoMessage | undefined)[]): string | null {
  return behind.some((one) => one !== undefined && labelFields(one).length > 0) ? 'confidential' : null;
}

/** What a sender hears before a letter goes (EmailSubmission/check); `message`: one by its id. */
export function checkedOf(
  args: Record<string, unknown>,
  message: (id: string) => DemoMessage | undefined,
): Record<string, unknown> {
  const behind = ((args.refersTo ?? []) as string[]).map((one) => message(one.split('@')[0] ?? ''));
  const subject = message(args.emailId as string)?.written?.subject ?? '';
  return { list: cautionsOf(args), leastLabel: leastLabel(behind), approval: waitsFor(subject) };
}

/** Why a letter does not leave; null: it does. */
export function leakRefusal(subject: string, hasReason: boolean): { type: string; description: string } | null {
  if (subject.includes('설계 도면'))
    return {
      type: 'forbiddenToSend',
      description: '내부정보유출방지 규칙(설계 도면)에 따라 이 메일은 보낼 수 없습니다. 초안은 그대로 있습니다.',
    };
  if (!subject.includes('주민등록번호') || hasReason) return null;
  return {
    type: 'reasonNeeded',
    description: '내부정보유출방지 규칙(주민등록번호)에 해당합니다. 보내야 하는 사유를 입력하세요.',
  };
}
