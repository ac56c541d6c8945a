/** The state of a domain: green only after DNS was asked and all that is needed was found. */
import { describe, expect, it } from 'vitest';
import { domainTone, domainWord } from '../src/app/domain-state.ts';
import { known, t } from '../src/app/language.svelte.ts';

const domain = (dns: string, lacking: string[] = [], state = 'active') => ({ dns, lacking, state });

describe('the state of a domain', () => {
  it('is neutral before anybody has looked, and where DNS is silent', () => {
    expect([domainWord(domain('unchecked')), domainTone(domain('unchecked'))]).toEqual(['확인 전', 'quiet']);
    expect(domainTone(domain('unanswered'))).toBe('quiet');
  });

  it('is well only where all was found', () => {
    expect([domainWord(domain('complete')), domainTone(domain('complete'))]).toEqual(['정상', 'ok']);
  });

  it('names what is missing', () => {
    const row = domain('incomplete', ['mx', 'reverse']);
    const records = `MX, ${known('dnsPurpose.reverse')}`;
    expect([domainWord(row), domainTone(row)]).toEqual([t('domainDns.incomplete', { records }), 'warn']);
  });

  it('is its own where it receives no mail', () => {
    expect([domainWord(domain('complete', [], 'closed')), domainTone(domain('complete', [], 'closed'))]).toEqual([
      known('state.closed'),
      'warn',
    ]);
  });
});
