/**
 * The search line as it is typed, taken apart for the eyes: operators become chips, the rest stays text. What it means is
 * the server's to say (`formats/search/line.py`); a word that is no operator there is none here.
 */
import type { MessageKey } from '@smartmail/i18n/translate.ts';

export interface Chip {
  /** As it stands in the line. */
  token: string;
  label: MessageKey;
  value: string;
  not: boolean;
}

interface Operator {
  label: MessageKey;
  /** What is put into the line when it is chosen. */
  typed: string;
  names: readonly string[];
}

export const OPERATORS: readonly Operator[] = [
  { label: 'search.from', typed: 'from:', names: ['from', '보낸사람', '보낸이', '差出人', '发件人', '寄件者'] },
  { label: 'search.to', typed: 'to:', names: ['to', '받는사람', '받는이', '宛先', '收件人', '收件者'] },
  { label: 'search.subject', typed: 'subject:', names: ['subject', '제목', '件名', '主题', '主旨'] },
  { label: 'search.body', typed: 'body:', names: ['body', '본문', '本文', '正文'] },
  {
    label: 'search.file',
    typed: 'filename:',
    names: ['filename', 'file', '파일', '첨부파일', 'ファイル', '文件名', '檔名'],
  },
  { label: 'search.in', typed: 'in:', names: ['in', '메일함', '편지함'] },
  { label: 'search.tag', typed: 'tag:', names: ['tag', 'label', '태그', 'タグ', '标签', '標籤'] },
  { label: 'star.colours', typed: 'star:', names: ['star', '별', '별표', 'スター', '星标', '星標', '星號', '星号'] },
  { label: 'search.after', typed: 'after:', names: ['after', 'since', '부터'] },
  { label: 'search.before', typed: 'before:', names: ['before', '이전'] },
  { label: 'search.on', typed: 'on:', names: ['on', 'date', '날짜', '기간'] },
  { label: 'search.newer', typed: 'newer_than:', names: ['newer_than', 'newer', '최근'] },
  { label: 'search.larger', typed: 'larger:', names: ['larger', 'larger_than', 'size', '크기'] },
];

/** Whole words: they are chips with nothing more to say. */
export const STATES: readonly { label: MessageKey; typed: string; also: readonly string[] }[] = [
  {
    label: 'filter.attachment',
    typed: 'has:attachment',
    also: ['has:attachments', 'has:첨부', '첨부:첨부', 'has:添付', 'has:附件'],
  },
  { label: 'filter.unread', typed: 'is:unread', also: ['is:안읽음', '상태:안읽음'] },
  { label: 'filter.flagged', typed: 'is:starred', also: ['is:flagged', 'is:별표', 'has:star', 'has:별표'] },
  { label: 'search.answered', typed: 'is:answered', also: ['is:replied'] },
  { label: 'smart.important', typed: 'is:important', also: ['is:중요', 'is:重要'] },
  { label: 'smart.vip', typed: 'is:vip', also: [] },
];

const TOKEN = /-?[^\s:"()]+:(?:"[^"]+"|[^\s()"]+)|"[^"]+"|\(|\)|[^\s()]+/g;

/** Chips of a line, and the rest of it. With groups or OR the whole stays text: chips would tear it apart. */
export function takeApart(line: string): { chips: Chip[]; rest: string } {
  if (/[()]|(^|\s)(OR|NOT|\|)(\s|$)/.test(line)) return { chips: [], rest: line };
  const chips: Chip[] = [];
  const rest: string[] = [];
  for (const [token] of line.matchAll(TOKEN)) {
    const chip = chipOf(token);
    if (chip) chips.push(chip);
    else rest.push(token);
  }
  return { chips, rest: rest.join(' ') };
}

export const putTogether = (chips: readonly Chip[], rest: string): string =>
  [...chips.map((chip) => chip.token), rest.trim()].filter(Boolean).join(' ');

export function chipOf(token: string): Chip | null {
  const not = token.startsWith('-');
  const plain = not ? token.slice(1) : token;
  const lower = plain.toLowerCase();
  const state = STATES.find((each) => each.typed === lower || each.also.includes(lower));
  if (state) return { token, label: state.label, value: '', not };
  const at = plain.indexOf(':');
  if (at < 1 || at === plain.length - 1) return null;
  const name = plain.slice(0, at).toLowerCase();
  const operator = OPERATORS.find((each) => each.names.includes(name));
  if (!operator) return null;
  return { token, label: operator.label, value: plain.slice(at + 1).replaceAll('"', ''), not };
}

/** A value with spaces stands in quotes. */
export const quoted = (value: string): string => (/[\s()"]/.test(value) ? `"${value.replaceAll('"', '')}"` : value);

/** Words of a line that can be seen in a text: those of no operator, of the subject and of the body. */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [token] of line.matchAll(TOKEN)) {
    if (token.startsWith('-') || token === 'OR' || token === 'NOT' || /^[()|]$/.test(token)) continue;
    const chip = chipOf(token);
    if (!chip) words.push(token.replaceAll('"', ''));
    else if (chip.label === 'search.subject' || chip.label === 'search.body') words.push(chip.value);
  }
  return words.filter((word) => word !== '');
}
