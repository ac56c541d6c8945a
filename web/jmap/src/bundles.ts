/** Several messages as one ZIP of .eml files: the server's /bundles/. */
import { RequestFailure } from './errors.ts';
import { post } from './network.ts';
import type { Id } from './types.ts';

export const MOST_IN_BUNDLE = 1000;

/** Throws `RequestFailure`; an archive whose end did not come is none. */
export async function bundleOf(accountId: Id, ids: Id[], signal: AbortSignal): Promise<Blob> {
  const response = await post(`/bundles/${encodeURIComponent(accountId)}`, { ids }, signal);
  try {
    return await response.blob();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new RequestFailure('offline');
  }
}
