/**
 * What stands in the editor, as markup and as plain words. Pieces that did not change are not written anew: with a long
 * quotation below, each key would cost as much as all of it.
 */
import { getHTMLFromFragment } from '@tiptap/core';
import { Fragment, type Node } from '@tiptap/pm/model';
import { isQuoted } from './quotation.ts';

const markups = new WeakMap<Node, string>();

export function markupOf(node: Node): string {
  const known = markups.get(node);
  if (known !== undefined) return known;
  const made = node.type.name === 'doc' ? childrenOf(node) : isQuoted(node) ? around(node) : alone(node);
  markups.set(node, made);
  return made;
}

const alone = (node: Node): string => getHTMLFromFragment(Fragment.from(node), node.type.schema);

function around(node: Node): string {
  const shell = alone(node.copy(Fragment.empty));
  const end = shell.lastIndexOf('</');
  return shell.slice(0, end) + childrenOf(node) + shell.slice(end);
}

function childrenOf(node: Node): string {
  const parts: string[] = [];
  node.forEach((child) => parts.push(markupOf(child)));
  return parts.join('');
}

/** The whole letter; `look` is what the writer's own words wear, never those of another. */
export function letterMarkup(doc: Node, look: string): string {
  if (look === '') return markupOf(doc);
  const parts: string[] = [];
  let own: string[] = [];
  const end = (): void => {
    if (own.length > 0) parts.push(`<div style="${look.replaceAll('"', "'")}">${own.join('')}</div>`);
    own = [];
  };
  doc.forEach((child) => {
    if (isQuoted(child) || child.type.name === 'quoteHead') {
      end();
      parts.push(markupOf(child));
    } else own.push(markupOf(child));
  });
  end();
  return parts.join('');
}

const words = new WeakMap<Node, string[]>();

/** Each line of it; `marked` puts the mark of quotation before those of another. */
export function linesOf(node: Node, marked: boolean): string[] {
  if (node.isTextblock) return textOf(node);
  const lines: string[] = [];
  node.forEach((child) => lines.push(...linesOf(child, marked)));
  return marked && isQuoted(node) ? lines.map(quotedLine) : lines;
}

function textOf(block: Node): string[] {
  const known = words.get(block);
  if (known) return known;
  const made = block.textBetween(0, block.content.size, '\n', '\n').split('\n');
  words.set(block, made);
  return made;
}

function quotedLine(line: string): string {
  if (line.startsWith('>')) return `>${line}`;
  return line === '' ? '>' : `> ${line}`;
}

/** The line above the quotation as it stands there now. */
export function headOf(doc: Node): string {
  let head = '';
  doc.forEach((child) => {
    if (head === '' && child.type.name === 'quoteHead') head = textOf(child).join('\n');
  });
  return head;
}
