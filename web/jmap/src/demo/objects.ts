/**
 * Objects of types that are few and fetched whole: get, set, changes for each type that stands in `SEEDS`. A screen for
 * another type adds its line there.
 */
import { patched } from '../patch.ts';
import type { PatchObject } from '../methods.ts';
import type { ContactCard } from '../contacts.ts';
import type { Id } from '../types.ts';
import { addedTo, contacts, seedBooks, seedCards } from './contacts.ts';

type Json = Record<string, unknown>;
type Held = Json & { id: Id };

const SEEDS: Record<string, () => Held[]> = {
  Tag: () => [
    { id: 't1', keyword: 'work', name: '업무', colour: 'blue', order: 0, parentId: null },
    { id: 't2', keyword: 'contract', name: '계약', colour: 'green', order: 0, parentId: 't1' },
    { id: 't3', keyword: 'urgent', name: '긴급', colour: 'red', order: 1, parentId: null },
    { id: 't4', keyword: 'later', name: '검토 필요', colour: 'purple', order: 2, parentId: null },
  ],
  SenderRule: () => [],
  LinkedFile: () => [],
  TeamTemplate: () => [],
  Bulletin: () => [],
  TemplatePlace: () => [],
  ShareOffer: () => [
    { id: 'ahelp', name: '고객지원', address: 'help@hanbit-tech.example', role: 'file' },
    { id: 'ahire', name: '채용', address: 'hire@hanbit-tech.example', role: '' },
    { id: 'aquote', name: '견적 문의', address: 'quote@hanbit-tech.example', role: '' },
  ],
  ShareRequest: () => [
    {
      id: 'r1',
      sharedAccountId: 'ahelp',
      accountName: '고객지원',
      accountAddress: 'help@hanbit-tech.example',
      principalId: 'ap-request',
      personName: '윤서아',
      personAddress: 'seoa.yoon@hanbit-tech.example',
      department: '품질관리팀',
      role: 'delete',
      reason: '불량 접수 메일을 함께 봅니다.',
      state: 'waiting',
      askedAt: '2026-11-26T02:10:00Z',
      decidedAt: null,
      decidedBy: '',
      isMine: false,
      mayDecide: true,
    },
  ],
  FileLink: () => [],
  QuarantineItem: () => [
    {
      id: 'q1',
      from: [{ name: '택배 안내', email: 'notice@parcel-kr.example' }],
      to: 'jiwoo.han@hanbit-tech.example',
      subject: '[택배] 주소 불일치로 배송이 보류되었습니다',
      preview: '아래 링크에서 주소를 확인해 주세요.',
      receivedAt: '2026-11-26T02:10:00Z',
      expiresAt: '2026-12-26T02:10:00Z',
      size: 4200,
      hasAttachment: false,
      nature: 'phishing',
      score: 14,
      virus: null,
      reasons: [
        {
          rule: 'link-contradicts',
          weight: 5,
          text: '링크에 적힌 곳은 parcel.example, 실제로 여는 곳은 203.0.113.9입니다.',
        },
      ],
      mayRelease: true,
    },
    {
      id: 'q2',
      from: [{ name: null, email: 'billing@invoice.example' }],
      to: 'jiwoo.han@hanbit-tech.example',
      subject: '미납 청구서',
      preview: '첨부를 확인하세요.',
      receivedAt: '2026-11-25T05:10:00Z',
      expiresAt: '2026-12-25T05:10:00Z',
      size: 90_000,
      hasAttachment: true,
      nature: 'malware',
      score: 90,
      virus: 'Test.Signature',
      reasons: [{ rule: 'virus', weight: 90, text: '악성코드가 들어 있습니다: Test.Signature(청구서.zip)' }],
      mayRelease: false,
    },
  ],
  UserPreferences: () => [{ id: 'singleton', values: {} }],
  AddressBook: seedBooks,
  ContactCard: seedCards,
};

export class DemoObjects {
  #held = new Map<string, Map<Id, Held>>();
  #states = new Map<string, number>();
  #last = 0;

  /** `touched` hears of a type that has changed. */
  run(method: string, args: Json, touched: (type: string) => void): Json {
    const [type = '', act] = method.split('/');
    if (!SEEDS[type]) throw new Error('unknownMethod');
    if (act === 'get') return this.#get(type, args);
    // No log is kept: whoever asks fetches anew.
    if (act === 'changes') throw new Error('cannotCalculateChanges');
    if (type === 'ContactCard' && act !== 'set') {
      const answer = contacts(method, args, [...this.#all(type).values()] as unknown as ContactCard[]);
      if (answer) return answer;
    }
    if (act !== 'set') throw new Error('unknownMethod');
    const answer = this.#set(type, args);
    touched(type);
    return answer;
  }

  #all(type: string): Map<Id, Held> {
    let found = this.#held.get(type);
    if (!found) this.#held.set(type, (found = new Map((SEEDS[type]?.() ?? []).map((each) => [each.id, each]))));
    return found;
  }

  #state(type: string): string {
    return `o${this.#states.get(type) ?? 0}`;
  }

  #get(type: string, args: Json): Json {
    const all = [...this.#all(type).values()];
    const ids = args.ids as Id[] | null | undefined;
    return {
      state: this.#state(type),
      list: ids ? all.filter((each) => ids.includes(each.id)) : all,
      notFound: (ids ?? []).filter((id) => !this.#all(type).has(id)),
    };
  }

  #set(type: string, args: Json): Json {
    const all = this.#all(type);
    const oldState = this.#state(type);
    const created: Json = {};
    const notUpdated: Json = {};
    const updated: Json = {};
    for (const [key, object] of Object.entries((args.create ?? {}) as Record<string, Json>)) {
      const id = `${type.toLowerCase()}-${(this.#last += 1)}`;
      const added = Object.entries(addedTo(type, id)).filter(([name]) => object[name] === undefined);
      const more = { ...Object.fromEntries(added), id };
      all.set(id, { ...object, ...more });
      created[key] = more;
    }
    for (const [id, patch] of Object.entries((args.update ?? {}) as Record<Id, PatchObject>)) {
      const held = all.get(id);
      if (held && patch.isReleased === true) all.delete(id);
      else if (!held) notUpdated[id] = { type: 'notFound' };
      else {
        all.set(id, patched(held, patch));
        updated[id] = null;
      }
    }
    const destroyed = ((args.destroy ?? []) as Id[]).filter((id) => all.delete(id));
    this.#states.set(type, (this.#states.get(type) ?? 0) + 1);
    return { oldState, newState: this.#state(type), created, updated, destroyed, notUpdated };
  }
}
