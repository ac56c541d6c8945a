/** A letter that leak prevention did not take: what its sender is told and asked. */
import { MethodFailure } from '@smartmail/jmap/errors.ts';
import { describe, expect, it } from 'vitest';
import { reasoning } from '../src/writing/reason.svelte.ts';
import { answerTo } from '../src/writing/refusing.ts';

const RULE = '내부정보유출방지 규칙(주민번호)에 따라 이 메일은 보낼 수 없습니다.';

describe('a refusal', () => {
  it('is told in the words of the rule and asks nothing where the letter is blocked', () => {
    expect(answerTo(new MethodFailure('forbiddenToSend', RULE))).toEqual({ why: RULE });
  });

  it('without words is told in those of the composer', () => {
    expect(answerTo(new MethodFailure('forbiddenToSend'))).toBeNull();
  });

  it('of another kind is none of its business', () => {
    expect(answerTo(new MethodFailure('tooLarge', RULE))).toBeNull();
  });
});

describe('a letter that needs a reason', () => {
  const refused = new MethodFailure('reasonNeeded', RULE);

  it('is asked about in the words of the rule and goes with what the sender says', async () => {
    const asked = answerTo(refused)?.ask?.();
    expect(reasoning.why).toBe(RULE);
    reasoning.answer('고객 요청');
    await expect(asked).resolves.toBe('고객 요청');
    expect(reasoning.why).toBeNull();
  });

  it('goes nowhere when another is asked about meanwhile', async () => {
    const first = answerTo(refused)?.ask?.();
    const second = answerTo(refused)?.ask?.();
    await expect(first).resolves.toBe('');
    expect(reasoning.why).toBe(RULE);
    reasoning.answer('');
    await expect(second).resolves.toBe('');
  });
});
