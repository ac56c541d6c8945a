/** A fresh proof that the server wants before it goes on: asked for in one place, for whatever was tried. */
import { call, onProofNeeded } from '../api/client.ts';
import type { Challenge, ChallengePrompt } from '../api/types.ts';

class Proof {
  challenge = $state.raw<Challenge | null>(null);
  #settle: (proved: boolean) => void = () => undefined;

  constructor() {
    onProofNeeded((wants) => (wants.includes('step-up') ? this.#begin() : Promise.resolve(false)));
  }

  async #begin(): Promise<boolean> {
    this.#settle(false);
    this.challenge = (await call<Challenge>('POST', '/session/proof')).value;
    return await new Promise<boolean>((resolve) => (this.#settle = resolve));
  }

  end(proved: boolean): void {
    this.challenge = null;
    this.#settle(proved);
  }
}

export async function answerProof(challenge: string, kind: string, response: object): Promise<void> {
  await call('POST', '/session/proof/answer', { body: { challenge, kind, response } });
}

/** Answers with a passkey of this browser (WebAuthn Level 3 §5.1.9). Raises DOMException when the person does not. */
export async function usePasskey(challenge: string): Promise<object> {
  const asked = (await call<ChallengePrompt>('POST', '/session/proof/choose', { body: { challenge, kind: 'passkey' } }))
    .value;
  const options = (asked.shown as { publicKey?: object }).publicKey ?? asked.shown;
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
  const credential = await navigator.credentials.get({ publicKey });
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException('no credential', 'NotAllowedError');
  return credential.toJSON() as object;
}

export const proof = new Proof();
