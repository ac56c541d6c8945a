/**
 * The one question before a letter goes: what policy or the person wants looked at once more, and what may have been
 * forgotten, in one dialog. It helps whoever writes and guards nothing: the server asks no such thing.
 */
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import { confirm } from '../app/confirm.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { settings } from '../app/settings.svelte.ts';
import type { LooksAgain } from '../app/preferences.ts';
import { isLookedAt, stricter } from './before-sending.ts';
import { strangersOf, warningsFor } from './draft-warnings.ts';

/** A letter that is about to go. */
export interface Leaving {
  draft: Draft;
  /** The verb on the button that lets it go. */
  verb: MessageKey;
  /** When it goes, where that is not now. */
  until: Date | null;
}

class Asking {
  leaving = $state.raw<Leaving | null>(null);
  #answer: (sure: boolean) => void = () => undefined;

  ask(leaving: Leaving): Promise<boolean> {
    this.#answer(false);
    this.leaving = leaving;
    return new Promise((resolve) => (this.#answer = resolve));
  }

  answer(sure: boolean): void {
    this.leaving = null;
    this.#answer(sure);
  }
}

export const asking = new Asking();

export function houseLooks(): LooksAgain {
  return connection.account?.capability<LooksAgain>('confirmSending') ?? 'none';
}

export function looksAgain(): LooksAgain {
  return stricter(houseLooks(), settings.of('confirmSending') ?? 'none');
}

/** Whether the letter goes as it is; most are not asked about. `verb`: what the button that was pressed is called. */
export async function isSure(draft: Draft, verb: MessageKey, until: Date | null = null): Promise<boolean> {
  if (draft.options.memo) return true;
  const forgotten = warningsFor(draft).some(({ kind }) => kind === 'forgotten');
  if (isLookedAt(looksAgain(), draft.recipients.length, strangersOf(draft).length))
    return asking.ask({ draft, verb: forgotten ? 'warn.sendAnyway' : verb, until });
  const question = { title: t('warn.forgotten'), text: t('warn.forgottenText'), verb: t('warn.sendAnyway') };
  return !forgotten || confirm(question);
}
