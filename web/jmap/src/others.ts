/** Accounts of others, as the session tells of them (RFC 8620 §2, RFC 9670 §1.5.2). */
import { CAPABILITY, type Id, type Session } from './types.ts';

export interface SharedAccount {
  id: Id;
  name: string;
  address: string;
  /** An account that several people use, or somebody's own of which they share something. */
  kind: 'shared' | 'person';
  /** The principal whose account it is. */
  ownerId: Id | null;
}

const OWNER = 'urn:ietf:params:jmap:principals:owner';
type Told = Record<string, unknown> | undefined;

export function sharedAccounts(session: Session): SharedAccount[] {
  return Object.entries(session.accounts)
    .filter(([id, account]) => !account.isPersonal && id !== session.primaryAccounts[CAPABILITY.mail])
    .map(([id, { name, accountCapabilities }]) => {
      const own = accountCapabilities[CAPABILITY.own] as Told;
      const owner = accountCapabilities[OWNER] as Told;
      return {
        id,
        name: typeof own?.accountName === 'string' && own.accountName !== '' ? own.accountName : name,
        address: name,
        kind: own?.accountKind === 'shared' ? ('shared' as const) : ('person' as const),
        ownerId: typeof owner?.principalId === 'string' ? owner.principalId : null,
      };
    });
}

/** The principal of the person who is signed in. */
export function selfOf(session: Session): Id | null {
  const account = session.accounts[session.primaryAccounts[CAPABILITY.mail] ?? ''];
  const told = account?.accountCapabilities[CAPABILITY.principals] as Told;
  return typeof told?.currentUserPrincipalId === 'string' ? told.currentUserPrincipalId : null;
}
