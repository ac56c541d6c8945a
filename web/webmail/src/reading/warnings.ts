/** Which of the reasons that the server found are worth a banner above the message, and how loud. */
import type { Inspection, InspectionReason } from '@smartmail/jmap/types.ts';

/** Somebody pretends to be somebody else, or is after money. */
const IMPOSTOR = new Set([
  'name-of-colleague',
  'own-domain',
  'name-holds-address',
  'domain-lookalike',
  'domain-brand',
  'link-lookalike',
  'chain-hijack',
  'account-change',
  'bec',
  'brand-claimed',
  'virus',
  'from-encoded',
]);
/** Nothing proves who sent it, or something in it leads elsewhere. */
const DOUBTFUL = new Set([
  'dmarc-reject',
  'dmarc-quarantine',
  'dmarc-fail',
  'spf-fail',
  'dkim-fail',
  'proof-lost',
  'unproved',
  'link-address',
  'link-contradicts',
  'link-data',
  'link-user',
  'link-scripts',
  'link-program',
  'link-qr',
  'reply-to-differs',
  'country-changed',
  'two-from',
  'file-program',
  'file-script',
  'file-disguised',
  'file-double',
  'file-reversed',
  'file-macro',
  'file-macro-auto',
  'file-encrypted',
]);
const FIRST = new Set(['first-to-person', 'first-to-company']);

export interface Warnings {
  impostor: InspectionReason[];
  doubtful: InspectionReason[];
  first: InspectionReason[];
}

export function warningsOf(inspection: Inspection | null | undefined): Warnings {
  const reasons = [...(inspection?.reasons ?? [])].sort((one, other) => other.weight - one.weight);
  const of = (rules: Set<string>): InspectionReason[] => reasons.filter((reason) => rules.has(reason.rule));
  const first = of(FIRST);
  // Whoever never wrote to the company never wrote to the person either.
  return { impostor: of(IMPOSTOR), doubtful: of(DOUBTFUL), first: first.slice(0, 1) };
}

export type Proof = 'proved' | 'failed' | 'unknown';

/** Whether the domain that stands in From is shown to have sent it. */
export function proofOf(inspection: Inspection): Proof {
  if (inspection.aligned) return 'proved';
  return inspection.authentication.some((one) => one.method === 'dmarc' && one.result === 'fail')
    ? 'failed'
    : 'unknown';
}
