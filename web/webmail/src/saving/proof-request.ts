/** Acts from menus that may want a fresh proof: the dialog for it comes by itself, and the act is tried again. */
import { mount } from 'svelte';
import ProofDialog from '../proof/ProofDialog.svelte';
import { Acting } from '../proof/proving.svelte.ts';

let acting: Acting | null = null;

export async function asking(work: () => Promise<void>): Promise<void> {
  if (acting === null) {
    acting = new Acting();
    mount(ProofDialog, { target: document.body, props: { acting } });
  }
  await acting.run(work);
}
