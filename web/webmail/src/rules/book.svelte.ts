/** The person's rules as the screens use them: read from the active script, written back with everything else in it. */
import type { MessageKey } from '@smartmail/i18n/translate.ts';
import { MethodFailure } from '@smartmail/jmap/errors.ts';
import { activeScript, type HeldScript, saveScript } from '@smartmail/jmap/sieve.ts';
import { connection } from '../app/connection.svelte.ts';
import { failureKey } from '../app/failure-text.ts';
import { t } from '../app/language.svelte.ts';
import { notices } from '../app/notices.svelte.ts';
import type { Rule } from './rule.ts';
import { type Piece, readScript, type Script, writeScript } from './script.ts';

const CAUSES: Record<string, MessageKey> = {
  invalidSieve: 'rules.wrong',
  stateMismatch: 'rules.elsewhere',
  forbidden: 'rules.forbidden',
  tooLarge: 'rules.tooLarge',
  overQuota: 'rules.tooLarge',
};

export class RuleBook {
  script = $state.raw<Script | null>(null);
  text = $state.raw('');
  busy = $state(false);
  /** Where and why the server cannot read the script, in the reader's language. */
  detail = $state('');
  #held: HeldScript | null = null;

  get pieces(): readonly Piece[] {
    return this.script?.pieces ?? [];
  }

  ruleOf(id: string): Rule | undefined {
    return this.pieces.flatMap((piece) => ('rule' in piece ? [piece.rule] : [])).find((rule) => rule.id === id);
  }

  async load(): Promise<void> {
    const { account } = connection;
    if (!account) return;
    try {
      this.#take(await activeScript(account));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Says whether it was kept; what was there comes back by undo. */
  async savePieces(pieces: readonly Piece[], notice: string): Promise<boolean> {
    if (!this.script) return false;
    return this.saveText(writeScript({ ...this.script, pieces: [...pieces] }), notice);
  }

  async put(rule: Rule, notice: string): Promise<boolean> {
    const known = this.ruleOf(rule.id) !== undefined;
    const pieces = known
      ? this.pieces.map((piece) => ('rule' in piece && piece.rule.id === rule.id ? { rule } : piece))
      : [...this.pieces, { rule }];
    return this.savePieces(pieces, notice);
  }

  async drop(id: string, notice: string): Promise<boolean> {
    return this.savePieces(
      this.pieces.filter((piece) => !('rule' in piece && piece.rule.id === id)),
      notice,
    );
  }

  async saveText(text: string, notice: string): Promise<boolean> {
    const { account } = connection;
    if (!account || !this.#held || this.busy) return false;
    const before = this.#held.text;
    this.busy = true;
    this.detail = '';
    // At once on the screen; the server's word may take it back.
    const shown = this.#held;
    this.script = readScript(text);
    try {
      this.#take(await saveScript(account, this.#held, text));
      notices.show(notice, { undo: () => void this.saveText(before, t('notice.undone')) });
      return true;
    } catch (error) {
      this.#take(shown);
      this.#failed(error);
      if (error instanceof MethodFailure && error.type === 'stateMismatch') void this.load();
      return false;
    } finally {
      this.busy = false;
    }
  }

  #take(held: HeldScript): void {
    this.#held = held;
    this.text = held.text;
    this.script = readScript(held.text);
  }

  #failed(error: unknown): void {
    connection.failed(error);
    const method = error instanceof MethodFailure;
    // All else is described in English, for programs.
    if (method && error.type === 'invalidSieve') this.detail = error.description;
    notices.show(t(method ? (CAUSES[error.type] ?? 'error.refused') : failureKey(error)), { tone: 'bad' });
  }
}
