/** What the server says of recipients who may be the wrong ones. */
export type CautionKind = 'homonym' | 'salutation' | 'customer' | 'domain' | 'odd' | 'crowd' | 'everybody' | 'slip';

export interface Caution {
  kind: CautionKind;
  /** The recipient meant; null: the letter as a whole. */
  email: string | null;
  /** The address, or the domain, that may have been wanted. */
  instead: string | null;
  /** The name, salutation, domain or number that it is about. */
  text: string;
}
