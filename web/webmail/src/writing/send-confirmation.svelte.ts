/**
 * The questions before a letter goes: what policy or the person wants looked at once more, and what may have been
 * forgotten, in one dialog; then, for few letters, recipients whom the server takes for wrong ones, and who will have to approve. They help whoever
 * writes and guard nothing.
 */
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import { confirm } from '../app/confirm.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import type { Draft } from './draft.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { settings } from '../app/settings.svelte.ts';
import type { LooksAgain } from '../app/preferences.ts';
import { mayWait } from './awaiting-approval.ts';
import { isLookedAt, stricter } from './before-sending.ts';
import { strangersOf, warningsFor } from './draft-warnings.ts';
import type { Caution } from '../people/caution.ts';
import { cautionsFor } from './misdelivery.ts';

/** A letter that is about to go. */
export interface Leaving {
  draft: Draft;
  /** The verb on the button that lets it go. */
  verb: MessageKey;
  /** When it goes, where that is not now. */
  until: Date | null;
}

/** A letter of which the server says that recipients may be the wrong ones. */
export interface Doubtful extends Leaving {
  cautions: Caution[];
}

class Asking {
  leaving = $state.raw<Leaving | null>(null);
  doubtful = $state.raw<Doubtful | null>(null);
  #decide: (sure: boolean) => void = () => undefined;
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

  doubt(doubtful: Doubtful): Promise<boolean> {
    this.#decide(false);
    this.doubtful = doubtful;
    return new Promise((resolve) => (this.#decide = resolve));
  }

  decide(sure: boolean): void {
    this.doubtful = null;
    this.#decide(sure);
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
  if (!(await isLookedOver(draft, verb, until))) return false;
  const cautions = await cautionsFor(draft);
  if (cautions.length > 0 && !(await asking.doubt({ draft, verb: 'warn.sendAnyway', until, cautions }))) return false;
  return mayWait(draft);
}

async function isLookedOver(draft: Draft, verb: MessageKey, until: Date | null): Promise<boolean> {
  const forgotten = warningsFor(draft).some(({ kind }) => kind === 'forgotten');
  if (isLookedAt(looksAgain(), draft.recipients.length, strangersOf(draft).length))
    return asking.ask({ draft, verb: forgotten ? 'warn.sendAnyway' : verb, until });
  const question = { title: t('warn.forgotten'), text: t('warn.forgottenText'), verb: t('warn.sendAnyway') };
  return !forgotten || confirm(question);
}
