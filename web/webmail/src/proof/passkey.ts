/** Passkeys of the browser: options and answers in their JSON forms (WebAuthn Level 3 §5.1.8, §5.1.9). */

export function hasPasskeys(): boolean {
  return 'PublicKeyCredential' in globalThis && 'parseCreationOptionsFromJSON' in PublicKeyCredential;
}

/** Makes one. Raises DOMException (the person refused, or the device has one already). */
export async function makePasskey(options: object): Promise<object> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON);
  return shown(await navigator.credentials.create({ publicKey }));
}

/** Answers with one. Raises DOMException. */
export async function usePasskey(options: object): Promise<object> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
  return shown(await navigator.credentials.get({ publicKey }));
}

function shown(credential: Credential | null): object {
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException('no credential', 'NotAllowedError');
  return credential.toJSON() as object;
}
