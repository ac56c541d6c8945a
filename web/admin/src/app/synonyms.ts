/**
 * What people call things, in five languages, beside the words that stand on the screen; and what they want to do then.
 * One table for both searches: the one over everything shows the tasks, the one of the policy its items. Pure.
 */
export interface Meant {
  /** The task in words: `task.<id>`. */
  id: string;
  /** Small letters, as `folded` leaves them. */
  words: readonly string[];
  /** The page that does it, with what is looked for there. */
  page: string;
  query?: string;
  /** How the names of policy items about it begin. */
  knobs: readonly string[];
}

export const MEANT: readonly Meant[] = [
  { id: 'otp', page: 'policy', query: 'find=second-factor', knobs: ['second-factor.', 'step-up.'],
    words: ['otp', '2단계', '2차 인증', '추가 인증', '일회용', 'mfa', '2fa', 'two-factor', '2-step', 'authenticator', 'passkey', '패스키', '二段階', '多要素', 'ワンタイム', '两步', '双因素', '動態密碼', '动态口令', '兩步驟', '雙重驗證'] },
  { id: 'password', page: 'people', knobs: ['password.'],
    words: ['비밀번호', '비번', '암호 초기화', '패스워드', 'password', 'reset', 'パスワード', '密码', '重置', '密碼', '重設'] },
  { id: 'leave', page: 'leavers', knobs: ['leaver.'],
    words: ['퇴사', '퇴직', '퇴직자', '계정 삭제', 'offboard', 'leaver', 'resign', 'delete user', '退職', '退社', '离职', '離職'] },
  { id: 'join', page: 'people', knobs: [],
    words: ['입사', '신입', '사용자 추가', '계정 만들기', 'onboard', 'new user', 'add user', '入社', '新入', '入职', '到職'] },
  { id: 'quota', page: 'policy', query: 'find=quota', knobs: ['quota.'],
    words: ['용량', '쿼터', '메일함 크기', 'quota', 'mailbox size', 'storage limit', '容量', '配额', '配額'] },
  { id: 'allow', page: 'senders', knobs: ['spam.'],
    words: ['스팸 허용', '허용 목록', '화이트리스트', '수신 허용', '수신 거부', '블랙리스트', 'whitelist', 'allowlist', 'blocklist', 'safe sender', '許可リスト', '白名单', '黑名单', '白名單', '黑名單'] },
  { id: 'release', page: 'quarantine', knobs: ['quarantine.'],
    words: ['격리 해제', '오탐', '메일 복구', 'release', 'false positive', '隔離解除', '误判', '誤判'] },
  { id: 'unblock', page: 'bans', knobs: ['lockout.'],
    words: ['ip 차단', '차단 해제', '접속 차단', 'unblock', 'block ip', 'banned', 'ブロック解除', '解除阻断', '解除封鎖'] },
  { id: 'recall', page: 'purges', knobs: [],
    words: ['메일 회수', '악성메일 삭제', 'recall', 'purge', 'search and delete', '回収', '收回'] },
  { id: 'undelivered', page: 'trace', knobs: [],
    words: ['메일이 안 와', '안 온 메일', '수신 확인', '배달', '반송', 'not delivered', 'missing mail', 'bounce', '届かない', '退信', '收不到'] },
  { id: 'retention', page: 'policy', query: 'find=retention', knobs: ['retention.', 'trash.', 'junk.', 'inbox.', 'sent.', 'vault.'],
    words: ['보관기간', '보존기간', '자동 삭제', '휴지통', 'retention', 'auto delete', 'trash', '保存期間', '保留期', '保留期限'] },
  { id: 'abroad', page: 'passes', knobs: ['abroad.', 'country.'],
    words: ['해외 로그인', '해외 접속', '출장', '국가 차단', 'abroad', 'travel', 'country', '海外', '境外', '出差'] },
  { id: 'imap', page: 'policy', query: 'find=door', knobs: ['door.'],
    words: ['아웃룩', 'outlook', 'imap', 'pop3', '메일 프로그램', '메일 앱', 'thunderbird', 'メールソフト', '邮件客户端', '郵件程式'] },
  { id: 'certificate', page: 'acme', knobs: [],
    words: ['ssl', 'tls 인증서', '인증서 갱신', '인증서 만료', "let's encrypt", 'renew', '証明書の更新', '证书更新', '憑證更新'] },
  { id: 'admin', page: 'appointments', knobs: [],
    words: ['관리자 추가', '관리자 권한', '권한 부여', 'add admin', 'admin rights', '管理者追加', '管理员权限', '管理員權限'] },
  { id: 'viewed', page: 'looks', knobs: [],
    words: ['누가 봤', '누가 읽', '메일함 열람', 'who read', 'mailbox access', '誰が読', '谁看', '誰看'] },
]; // prettier-ignore

/** Whether a typed text and a word mean the same: one begins or holds the other; a single letter means nothing. */
function fits(typed: string, word: string): boolean {
  return typed.length > 1 && (word.includes(typed) || typed.includes(word));
}

/** What a typed text may mean. It is given as `folded` leaves it. */
export const meant = (typed: string): Meant[] => {
  const text = typed.trim();
  return MEANT.filter((one) => one.words.some((word) => fits(text, word)));
};

/** Whether a policy item is about what was typed, though it is not called so. */
export function isMeant(knob: string, typed: string): boolean {
  return meant(typed).some(({ knobs }) => knobs.some((start) => knob.startsWith(start)));
}
