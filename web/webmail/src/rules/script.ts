/**
 * Rules inside of a Sieve script, without touching what others wrote there. Our part stands between two comments; each rule
 * is told by a comment of its own with the commands behind it. Everything else, also what somebody changed by hand within our
 * part, is kept octet by octet. Pure.
 */
import { type Rule, sieveOf } from './rule.ts';

const BEGIN = '# smartmail:rules begin';
const END = '# smartmail:rules end';
const RULE = '# smartmail:rule ';
/** RFC 5228 §3.2: what is required stands before every other command, so our line is the first of the script. */
const REQUIRE = /^require \[([^\]\r\n]*)\]; # smartmail:require\r?\n/;

/** A rule, or text that is none of ours. */
export type Piece = { rule: Rule } | { foreign: string };

export interface Script {
  /** Before and behind our part. */
  head: string;
  tail: string;
  pieces: Piece[];
  /** What our line required when it was read. */
  required: string[];
}

export const EMPTY: Script = { head: '', tail: '', pieces: [], required: [] };

export function readScript(text: string): Script {
  const line = REQUIRE.exec(text);
  const required = [...(line?.[1] ?? '').matchAll(/"([^"]*)"/g)].map((found) => found[1] ?? '');
  const rest = text.slice(line?.[0].length ?? 0);
  const lines = rest.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const end = lines.findLastIndex((each) => bare(each) === END);
  const begin = lines.slice(0, Math.max(end, 0)).findLastIndex((each) => bare(each) === BEGIN);
  if (begin < 0) return { head: rest, tail: '', pieces: [], required };
  return {
    head: lines.slice(0, begin).join(''),
    tail: lines.slice(end + 1).join(''),
    pieces: readPieces(lines.slice(begin + 1, end)),
    required,
  };
}

function readPieces(lines: readonly string[]): Piece[] {
  const chunks: string[][] = [];
  for (const line of lines) {
    const last = chunks.at(-1);
    if (last && !line.startsWith(RULE)) last.push(line);
    else chunks.push([line]);
  }
  return chunks.map((chunk) => readPiece(chunk.join('')));
}

/** A rule only if the commands are those that it is written with: else somebody has changed them, and theirs count. */
function readPiece(text: string): Piece {
  const mark = /^# smartmail:rule (\{.*\})\r?\n/.exec(text);
  if (!mark) return { foreign: text };
  try {
    const rule = JSON.parse(mark[1] ?? '') as Rule;
    return writePiece({ rule }) === text ? { rule } : { foreign: text };
  } catch {
    return { foreign: text };
  }
}

function writePiece(piece: Piece): string {
  if ('foreign' in piece) return piece.foreign;
  // A rule that is off keeps its comment only.
  return `${RULE}${JSON.stringify(piece.rule)}\r\n${piece.rule.on ? sieveOf(piece.rule).text : ''}`;
}

export function writeScript(script: Script): string {
  if (script.pieces.length === 0) return script.head + script.tail;
  const needs = new Set<string>();
  for (const piece of script.pieces)
    if ('rule' in piece) {
      if (piece.rule.on) for (const name of sieveOf(piece.rule).needs) needs.add(name);
    } else for (const name of script.required) needs.add(name);
  const line = `require [${[...needs]
    .sort()
    .map((name) => `"${name}"`)
    .join(', ')}]; # smartmail:require\r\n`;
  const gap = script.head === '' || script.head.endsWith('\n') ? '' : '\r\n';
  const pieces = script.pieces.map(writePiece).join('');
  return `${needs.size > 0 ? line : ''}${script.head}${gap}${BEGIN}\r\n${pieces}${END}\r\n${script.tail}`;
}

/** A script of one rule alone: to see what it would find. */
export function scriptOf(rule: Rule): string {
  return writeScript({ ...EMPTY, pieces: [{ rule: { ...rule, on: true } }] });
}

function bare(line: string): string {
  return line.replace(/\r?\n$/, '');
}
