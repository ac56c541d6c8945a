/** Asking before an act that cannot be undone; `Confirm.svelte` shows the question. */

export interface Question {
  title: string;
  text: string;
  /** The verb on the button: never "OK". */
  verb: string;
  /** Nothing is lost by it; it only wants a thought. */
  calm?: boolean;
}

class Confirm {
  question = $state.raw<Question | null>(null);
  #answer: (sure: boolean) => void = () => undefined;

  ask(question: Question): Promise<boolean> {
    this.#answer(false);
    this.question = question;
    return new Promise((resolve) => (this.#answer = resolve));
  }

  answer(sure: boolean): void {
    this.question = null;
    this.#answer(sure);
  }
}

export const confirming = new Confirm();
export const confirm = (question: Question): Promise<boolean> => confirming.ask(question);
