/**
 * People to write to: those somebody writes to often, those of the company's directory, own contacts, those whose mail
 * was seen.
 */
import { sameAddress } from '@smartmail/jmap/addresses.ts';
import type { GetResult } from '@smartmail/jmap/methods.ts';
import { CAPABILITY, type Email, type EmailAddress, type Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import { collectPeople, suggest } from '../app/people.ts';
import { hasContacts } from '../app/address-books.ts';
import { settings } from '../app/settings.svelte.ts';
import { learned, ranked } from './ranking.ts';

export interface Absence {
  kind: string;
  until: string | null;
}

/** Somebody of the directory, as Principal/get tells. */
export interface Principal {
  id: Id;
  type: string;
  name: string;
  email: string | null;
  department: string | null;
  title: string | null;
  absence: Absence | null;
  /** Where a photograph lies. */
  photo?: string | null;
}

export interface Found extends EmailAddress {
  department?: string | null;
  title?: string | null;
  absence?: Absence | null;
  photo?: string | null | undefined;
  /** Written to before: the person may have it forgotten. */
  frequent?: boolean;
}

const PROPERTIES = ['id', 'type', 'name', 'email', 'department', 'title', 'absence', 'photo'];
const MOST = 8;
const MOST_ASKED = 50;

class Book {
  /** Everybody of the directory that this page has seen, by address. */
  known = $state.raw<ReadonlyMap<string, Principal>>(new Map());
  #ownDepartment = $derived(this.known.get(connection.account?.session.username ?? '')?.department ?? null);
  /** By address: settles with the directory's answer about it. */
  #asked = new Map<string, Promise<unknown>>();

  get offered(): boolean {
    return CAPABILITY.principals in (connection.account?.session.capabilities ?? {});
  }

  /** At once, from what lies here. */
  near(typed: string, chosen: EmailAddress[]): Found[] {
    const frequent = settings.of('frequentPeople') ?? [];
    const forgotten = new Set(settings.of('forgottenPeople') ?? []);
    const seen = collectPeople(connection.account?.emails.values() ?? []);
    const often: Found[] = suggest(frequent, typed, chosen, MOST).map((one) => this.#told({ ...one, frequent: true }));
    const others = suggest(seen, typed, [...chosen, ...frequent], MOST).filter(({ email }) => !forgotten.has(email));
    return [...often, ...others.map((one) => this.#told(one))].slice(0, MOST);
  }

  /** With the answers: often written to, then the own department, the company, own contacts, then the rest. */
  async find(typed: string, chosen: EmailAddress[]): Promise<Found[]> {
    const near = this.near(typed, chosen);
    const words = typed.trim();
    if (words === '') return near;
    const [people, contacts] = await Promise.all([this.offered ? this.#query(words) : [], this.#contacts(words)]);
    const isFree = (one: Found): boolean => !chosen.some((other) => sameAddress(one, other));
    // Contacts before those whose mail was seen; the habit comes before both.
    const rest = [...near.filter((one) => one.frequent), ...contacts.filter(isFree), ...near];
    return ranked(rest, people.filter(isFree), this.#ownDepartment).slice(0, MOST);
  }

  /** Is this one of us? Other domains of the company are known by its directory. */
  isInside(address: EmailAddress, home: string): boolean {
    const email = address.email.toLowerCase();
    return email.endsWith(`@${home}`) || this.known.has(email);
  }

  /** Where the photograph of somebody of the directory lies. */
  photoOf(address: EmailAddress | undefined): string | null {
    return (address && this.#knownOf(address)?.photo) ?? null;
  }

  /** A face is shown only beside what came from inside: From of mail from outside, or of which that is not known yet, is a
      claim. Whom it may be shown of is looked up. */
  faceOf(email: Email): string | null {
    const from = email.from?.[0];
    const login = connection.account?.session.username ?? '';
    const home = login.slice(login.indexOf('@') + 1).toLowerCase();
    if (!from || email.inspection !== null || !this.isInside(from, home)) return null;
    return this.photoOf(from);
  }

  #knownOf(address: EmailAddress): Principal | undefined {
    return this.known.get(address.email.toLowerCase());
  }

  /** What the directory knows of recipients that came from a letter or a draft: who is away is told. Settles when it has
      answered about all of them, asked now or before; where it could not be asked, the next look asks again. */
  async lookUp(addresses: readonly EmailAddress[]): Promise<void> {
    if (!this.offered) return;
    const every = new Set(addresses.map(({ email }) => email.toLowerCase()));
    const open = [...every].filter((email) => !this.#asked.has(email));
    if (open.length <= MOST_ASKED)
      for (const email of open)
        this.#asked.set(
          email,
          this.#query(email).catch(() => this.#asked.delete(email)),
        );
    await Promise.all([...every].map((email) => this.#asked.get(email)));
  }

  /** After a letter has gone: who is written to comes first the next time. */
  learn(addresses: readonly EmailAddress[]): void {
    const { frequent, forgotten } = learned(
      settings.of('frequentPeople') ?? [],
      settings.of('forgottenPeople') ?? [],
      addresses,
      Date.now(),
    );
    settings.choose({ frequentPeople: frequent, forgottenPeople: forgotten });
  }

  forget(address: EmailAddress): void {
    const rest = (settings.of('frequentPeople') ?? []).filter((one) => !sameAddress(one, address));
    const forgotten = [...new Set([...(settings.of('forgottenPeople') ?? []), address.email])].slice(-100);
    settings.choose({ frequentPeople: rest, forgottenPeople: forgotten });
  }

  /** Without them the others are still worth offering. */
  async #contacts(text: string): Promise<Found[]> {
    if (!hasContacts()) return [];
    try {
      return await (await import('./suggesting.ts')).suggestContacts(text, MOST);
    } catch (error) {
      connection.failed(error);
      return [];
    }
  }

  async #query(text: string): Promise<(Found & { email: string })[]> {
    const { account } = connection;
    if (!account) return [];
    const { pipeline } = account;
    const [, { list }] = await Promise.all(
      pipeline.group(() => {
        const query = pipeline.send<unknown>('Principal/query', { filter: { text }, limit: MOST * 2 });
        const ids = query.ref('/ids');
        const get = pipeline.send<GetResult<Principal>>('Principal/get', { '#ids': ids, properties: PROPERTIES });
        return [query.result, get.result] as const;
      }),
    );
    const people = list.filter((one): one is Principal & { email: string } => !!one.email);
    this.known = new Map([...this.known, ...people.map((one): [string, Principal] => [one.email.toLowerCase(), one])]);
    return people.map(({ name, email, department, title, absence, photo }) => {
      return { name, email, department, title, absence, photo };
    });
  }

  #told(address: Found): Found {
    const { department = null, title = null, absence = null, photo } = this.#knownOf(address) ?? {};
    return { ...address, department, title, absence, photo };
  }
}

export const book = new Book();
