/** Mail that waits for a decision, in the demo that the address asks for with `?approvals`, and with `?approvals=after` mail that was sent first. */
import type { Id } from '../types.ts';

type Json = Record<string, unknown>;
type Held = Json & { id: Id; step: number; digest: string; history: Json[] };

const AT = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
const act = (name: string, who: string, hours: number, more: Json = {}): Json => ({
  act: name,
  at: AT(hours),
  step: 0,
  name: who,
  inRightOf: null,
  comment: '',
  system: '',
  document: '',
  ...more,
});

function mail(number: number, more: Json): Held {
  return {
    id: `${number}`,
    heldId: `a${number}`,
    kind: 'leak',
    state: 'waiting',
    line: '외부 발송 승인',
    step: 0,
    steps: 1,
    approvers: ['한지우'],
    sender: 'seoa.yoon@hanbit-tech.example',
    subject: '견적서 송부',
    reason: 'leak',
    recipients: 2,
    size: 48_000,
    findings: [],
    lowered: null,
    doubts: [],
    asksSender: false,
    isSecure: false,
    askedAt: AT(-3),
    expiresAt: AT(20),
    decidedAt: null,
    afterwards: false,
    emailId: null,
    escalated: false,
    isMine: false,
    mayDecide: true,
    inRightOf: [],
    digest: `d${number}`.padEnd(64, '0'),
    history: [act('ask', '윤서아', -3)],
    ...more,
  };
}

const SEEDS = (): Held[] => [
  mail(1, {
    subject: '고객 명단 정정 요청',
    findings: ['주민등록번호 900101-1****** (본문)', '전화번호 12건 (고객명단.xlsx)'],
    isSecure: true,
    steps: 2,
  }),
  mail(2, { sender: 'minjun.kim@hanbit-tech.example', subject: '4분기 견적서', history: [act('ask', '김민준', -5)] }),
  mail(3, { subject: '도면 검토 의견', inRightOf: ['박준호'], approvers: ['박준호'] }),
  mail(4, {
    subject: '설계 변경 안내',
    isMine: true,
    mayDecide: false,
    sender: 'jiwoo.han@hanbit-tech.example',
    steps: 2,
    step: 1,
    approvers: ['최은영'],
    history: [act('ask', '한지우', -6), act('approve', '박준호', -4, { comment: '확인했습니다.' })],
  }),
  mail(5, {
    subject: '단가표 회신',
    state: 'rejected',
    mayDecide: false,
    decidedAt: AT(-30),
    history: [act('ask', '윤서아', -40), act('reject', '한지우', -30, { comment: '단가를 가려 주세요.' })],
  }),
  mail(6, {
    kind: 'misdelivery',
    line: '',
    subject: '3분기 단가표',
    sender: 'jiwoo.han@hanbit-tech.example',
    isMine: true,
    asksSender: true,
    approvers: ['한지우'],
    history: [act('ask', '한지우', -1)],
    doubts: [
      {
        kind: 'domain',
        email: 'lee@partner-kr.example',
        instead: 'partner.example',
        text: 'partner-kr.example',
      },
      { kind: 'slip', email: 'lee@partner-kr.example', instead: 'lee@partner.example', text: '' },
    ],
  }),
];

/** Mail that was sent first (사후승인). */
const REVIEWS = (): Held[] => [
  mail(16, { subject: '참가자 명단 송부', afterwards: true, line: '사후 확인', history: [act('ask', '윤서아', -2)] }),
  mail(18, {
    kind: 'label',
    line: '보안 결재',
    subject: 'RE: 단가 협의',
    lowered: { from: '대외비', to: '일반', reason: '단가를 지우고 일정만 적었습니다.' },
    history: [act('ask', '윤서아', -1)],
  }),
  mail(17, {
    subject: '계약 조건 안내',
    afterwards: true,
    isMine: true,
    mayDecide: false,
    sender: 'jiwoo.han@hanbit-tech.example',
    state: 'rejected',
    decidedAt: AT(-1),
    emailId: 'M1',
    history: [act('ask', '한지우', -8), act('reject', '박준호', -1, { comment: '할인율은 빼고 보내야 합니다.' })],
  }),
];

export class DemoApprovals {
  #held: Held[] = [];
  #deputy: Json | null = null;
  /** Letters that were read, for tests: each look is recorded. */
  readonly read: Id[] = [];
  counted = 0;

  seed(reviews: boolean): void {
    this.#held = [...SEEDS(), ...(reviews ? REVIEWS() : [])];
  }

  /** Somebody else decides first. */
  decidedElsewhere(id: Id): void {
    this.#held = this.#held.map((one) => (one.id === id ? { ...one, digest: 'other' } : one));
  }

  /** Null for methods of other types. */
  run(name: string, args: Json): Json | null {
    const [type, method] = name.split('/');
    if (type === 'ApprovalDeputy') return this.#deputies(method ?? '', args);
    if (type !== 'MailApproval') return null;
    if (method === 'get') return { state: 'a', list: this.#held, notFound: [] };
    if (method === 'count') {
      this.counted += 1;
      const [toDecide, own] = [this.#held.filter((one) => one.mayDecide), this.#held.filter((one) => one.isMine)];
      return { toDecide: toDecide.length, own: own.length, concerns: this.#held.length > 0 };
    }
    if (method === 'read') return this.#letter(args.id as Id);
    if (method === 'set') return this.#set((args.update ?? {}) as Record<Id, Json>);
    throw new Error('unknownMethod');
  }

  #letter(id: Id): Json {
    const one = this.#held.find((each) => each.id === id);
    if (!one) throw new Error('invalidArguments');
    this.read.push(id);
    return {
      id,
      subject: one.subject,
      text: '안녕하세요.\n\n요청하신 명단을 보내드립니다. 확인 후 회신 부탁드립니다.\n\n윤서아 드림',
      isTruncated: false,
      recipients: ['lee@partner-kr.example', 'park@partner-kr.example'],
      files: [{ name: '고객명단.xlsx', type: 'application/vnd.ms-excel', size: 38_000 }],
    };
  }

  #set(update: Record<Id, Json>): Json {
    const updated: Json = {};
    const notUpdated: Json = {};
    for (const [id, wish] of Object.entries(update)) {
      const one = this.#held.find((each) => each.id === id);
      const seen = wish.state === 'withdrawn' || (wish.digest === one?.digest && wish.step === one?.step);
      if (!one || !seen || one.decidedAt !== null) notUpdated[id] = { type: one ? 'stateMismatch' : 'notFound' };
      else {
        const word = wish.state === 'withdrawn' ? 'withdraw' : wish.state === 'approved' ? 'approve' : 'reject';
        const next = wish.state === 'approved' && one.step + 1 < (one.steps as number);
        const done = next ? { step: one.step + 1, approvers: ['최은영'] } : { state: wish.state, decidedAt: AT(0) };
        const history = [...one.history, act(word, '한지우', 0, { step: one.step, comment: wish.comment ?? '' })];
        this.#held = this.#held.map((each) =>
          each === one ? { ...one, ...done, mayDecide: false, inRightOf: [], history } : each,
        );
        updated[id] = null;
      }
    }
    return { oldState: 'a', newState: 'b', updated, notUpdated };
  }

  #deputies(method: string, args: Json): Json {
    if (method === 'get') return { state: 'd', list: this.#deputy ? [this.#deputy] : [], notFound: [] };
    const [wish] = Object.values((args.create ?? {}) as Record<string, Json>);
    if (wish) {
      if (this.#held.some((one) => one.mayDecide && !one.asksSender && (one.inRightOf as string[]).length === 0))
        return { created: null, notCreated: { deputy: { type: 'stateMismatch' } } };
      this.#deputy = { id: 'singleton', name: String(wish.email).split('@')[0], ...wish };
      return { created: { deputy: { id: 'singleton' } } };
    }
    this.#deputy = null;
    return { destroyed: ['singleton'] };
  }
}
