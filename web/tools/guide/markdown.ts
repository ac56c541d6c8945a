/**
 * The Markdown of the guides as HTML: headings, paragraphs, lists, tables, code, pictures and links, as the chapters use
 * them. Anything else stops the build, so that no chapter is shown otherwise than it was meant. Raw HTML is text.
 */

export interface Picture {
  src: string;
  width: number;
  height: number;
}

/** What a chapter points to, as the page points to it. Both raise for what leads out of the guide. */
export interface Targets {
  /** Null leaves the words without a link. */
  link(target: string): string | null;
  /** Null where it has not been taken yet: the page goes without. */
  picture(target: string): Picture | null;
}

export interface Chapter {
  title: string;
  html: string;
  /** What a link can point to, in the order of the page. */
  anchors: string[];
  /** Its sections as a person would look for them. */
  sections: { anchor: string; title: string }[];
}

const FENCE = /^```(?:\w+)?$/;
const ITEM = /^(-|\d+\.) +(.*)$/;
const INDENTED = /^ {4}/;
const RULER = /^\|(?: *:?-+:? *\|)+$/;
const STRANGE = /^(?: {4,}\S|\t|>|\+ |\* |~~~|={3,}$|-{3,}$|<\/?[a-z][^>]*>|\[[^\]]+\]:|#{4,} )/i;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The anchor of a heading, as code hosts make it: what is no letter, digit, space, dash or underscore falls away. */
export function anchorOf(heading: string): string {
  const kept = heading.toLowerCase().replace(/[^\p{L}\p{M}\p{N}\s_-]/gu, '');
  return kept.trim().replaceAll(/\s/g, '-');
}

class Converter {
  readonly anchors: string[] = [];
  readonly sections: Chapter['sections'] = [];
  readonly out: string[] = [];
  title = '';
  private at = 0;
  private readonly lines: string[];
  private readonly targets: Targets;
  private readonly names: readonly string[];

  constructor(source: string, targets: Targets, names: readonly string[]) {
    this.names = names;
    this.lines = source.split('\n');
    this.targets = targets;
  }

  chapter(): Chapter {
    while (this.at < this.lines.length) this.block();
    if (this.title === '') throw new Error('a chapter begins with its title');
    return { title: this.title, html: this.out.join('\n'), anchors: this.anchors, sections: this.sections };
  }

  private block(): void {
    const line = this.line();
    if (line.trim() === '') this.at += 1;
    else if (FENCE.test(line)) this.code();
    else if (INDENTED.test(line)) this.indented();
    else if (/^#{1,3} /.test(line)) this.heading();
    else if (line.startsWith('|')) this.table();
    else if (ITEM.test(line)) this.list();
    else this.paragraph();
  }

  private line(ahead = 0): string {
    return (this.lines[this.at + ahead] ?? '').trimEnd();
  }

  private take(): string {
    const line = this.line();
    this.at += 1;
    return line;
  }

  private code(): void {
    this.take();
    const inside: string[] = [];
    while (this.line() !== '```') {
      if (this.at >= this.lines.length) throw new Error('code that does not end');
      inside.push(this.take());
    }
    this.take();
    this.verbatim(inside);
  }

  private indented(): void {
    const inside: string[] = [];
    while (INDENTED.test(this.line())) inside.push(this.take().slice(4));
    this.verbatim(inside);
  }

  private verbatim(lines: readonly string[]): void {
    this.out.push(`<pre tabindex="0"><code>${escaped(lines.join('\n'))}</code></pre>`);
  }

  private heading(): void {
    const [, marks = '', words = ''] = /^(#+) +(.+)$/.exec(this.take()) ?? [];
    if (marks === '#') {
      if (this.title !== '') throw new Error(`a second title: ${words}`);
      this.title = words;
      this.out.push(`<h1>${this.inline(words)}</h1>`);
      return;
    }
    const own = this.anchor(anchorOf(words), words);
    const name = this.names[this.sections.length] ?? '';
    const other = name === '' || this.anchors.includes(name) ? '' : `<span id="${this.anchor(name, words)}"></span>`;
    this.sections.push({ anchor: this.anchors.at(-1) ?? '', title: words.replaceAll('`', '') });
    const level = marks.length;
    this.out.push(`<h${level} id="${own}">${other}${this.inline(words)}</h${level}>`);
  }

  private anchor(name: string, words: string): string {
    if (name === '' || this.anchors.includes(name)) throw new Error(`two sections are called ${words}`);
    this.anchors.push(name);
    return escaped(name);
  }

  private table(): void {
    const head = cells(this.take());
    if (!RULER.test(this.take())) throw new Error(`a table without a line below its head: ${head.join(' | ')}`);
    const rows: string[][] = [];
    while (this.line().startsWith('|')) rows.push(cells(this.take()));
    const wrong = rows.find((row) => row.length !== head.length);
    if (wrong) throw new Error(`a row with ${wrong.length} cells of ${head.length}: ${wrong.join(' | ')}`);
    const row = (of: string[], cell: string): string =>
      `<tr>${of.map((each) => `<${cell}>${this.inline(each)}</${cell.split(' ')[0]}>`).join('')}</tr>`;
    const body = rows.map((each) => row(each, 'td')).join('');
    // A table wider than a phone is moved by finger or by arrow keys.
    this.out.push(
      `<div class="table" tabindex="0"><table><thead>${row(head, 'th scope="col"')}</thead><tbody>${body}</tbody></table></div>`,
    );
  }

  private list(): void {
    const ordered = /^\d/.test(this.line());
    const items: string[] = [];
    for (
      let found = ITEM.exec(this.line());
      found && /^\d/.test(this.line()) === ordered;
      found = ITEM.exec(this.line())
    ) {
      this.take();
      items.push(this.rest(found[2] ?? ''));
    }
    const name = ordered ? 'ol' : 'ul';
    this.out.push(`<${name}>${items.map((item) => `<li>${this.inline(item)}</li>`).join('')}</${name}>`);
  }

  private paragraph(): void {
    const words = this.rest(this.take());
    const picture = /^!\[([^\]]*)\]\(([^)\s]+)\)$/.exec(words);
    if (picture) this.out.push(`<p class="picture">${this.picture(escaped(picture[1] ?? ''), picture[2] ?? '')}</p>`);
    else this.out.push(`<p>${this.inline(words)}</p>`);
  }

  /** A first line and those that go on with it. */
  private rest(first: string): string {
    const strange = (line: string): boolean => STRANGE.test(line);
    if (strange(first)) throw new Error(`not understood: ${first}`);
    const words = [first];
    for (;;) {
      const line = this.line();
      if (line === '' || FENCE.test(line) || /^#{1,3} /.test(line) || line.startsWith('|') || ITEM.test(line)) break;
      if (strange(line) || ITEM.test(line.trimStart())) throw new Error(`not understood: ${line}`);
      words.push(this.take().trim());
    }
    return words.join(' ');
  }

  /** Code first: nothing inside it is marked up. */
  private inline(words: string): string {
    return words
      .split(/(`[^`]+`)/)
      .map((part) => (/^`.+`$/.test(part) ? `<code>${escaped(part.slice(1, -1))}</code>` : this.marked(part)))
      .join('');
  }

  private marked(words: string): string {
    if (words.includes('`')) throw new Error(`code that does not end: ${words}`);
    const linked = escaped(words).replace(
      /(!?)\[([^\]]*)\]\(([^)\s]+)\)/g,
      (_all, sign: string, text: string, target: string) =>
        sign ? this.picture(text, target) : this.link(text, target),
    );
    if (linked.includes('](')) throw new Error(`a link that is not understood: ${words}`);
    const done = linked.replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>').replace(/\*([^*\s][^*]*)\*/g, '<em>$1</em>');
    if (done.includes('**')) throw new Error(`bold that does not end: ${words}`);
    return done;
  }

  private link(text: string, target: string): string {
    const href = this.targets.link(target.replaceAll('&amp;', '&'));
    return href === null ? text : `<a href="${escaped(href)}">${text}</a>`;
  }

  /** With its size: what stands below does not move when it comes. A press shows it alone, as large as it is. */
  private picture(text: string, target: string): string {
    const found = this.targets.picture(target);
    if (found === null) return '';
    const { src, width, height } = found;
    const img = `<img src="${escaped(src)}" alt="${text}" width="${width}" height="${height}" loading="lazy">`;
    return `<a href="${escaped(src)}">${img}</a>`;
  }
}

/** The cells of a row; a bar inside code belongs to the code. */
function cells(row: string): string[] {
  if (!row.endsWith('|')) throw new Error(`a row that does not end: ${row}`);
  const found = row.slice(1, -1).match(/(?:`[^`]*`|[^|`])+/g) ?? [];
  return found.map((cell) => cell.trim());
}

/**
 * A chapter as the inside of a page. Raises where it holds what is not of this subset. `names`: what its sections are
 * called beside their headings, one after the other.
 */
export function convert(source: string, targets: Targets, names: readonly string[] = []): Chapter {
  return new Converter(source, targets, names).chapter();
}
