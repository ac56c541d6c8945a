/** What a file is to be shown as, by its type and name; what it really is, the server's parser finds out. */
import type { BodyPart } from '@smartmail/jmap/types.ts';

/** `document`: what the server may lay out; `text`: what it reads as text only. */
export type Kind = 'picture' | 'pdf' | 'document' | 'text' | 'none';

const NAMES: [RegExp, Kind][] = [
  [/\.(png|jpe?g|gif|webp|bmp|avif)$/, 'picture'],
  [/\.pdf$/, 'pdf'],
  [
    /\.(eml|msg|zip|hwpx?|hwt|docx?|docm|dotx?|xlsx?|xlt|xlsm|pptx?|ppsx?|pot|o[dt][tspg]|rtf)$|^winmail\.dat$/,
    'document',
  ],
  [/\.(tar|tgz|gz|bz2|xz|hml|txt|csv|tsv|md|log|json|xml|html?|dat)$/, 'text'],
];
const TYPES: [RegExp, Kind][] = [
  [/^image\/(png|jpeg|gif|webp|bmp|avif)$/, 'picture'],
  [/^application\/pdf$/, 'pdf'],
  [/^message\/rfc822$|^application\/(zip|x-zip-compressed|ms-tnef|vnd\.ms-(tnef|outlook))$/, 'document'],
  [/hwp|word|sheet|excel|powerpoint|presentation|opendocument|rtf/, 'document'],
  [/^application\/(x-tar|gzip)$|^text\//, 'text'],
];

export function kindOf(part: Pick<BodyPart, 'name' | 'type'>): Kind {
  const name = (part.name ?? '').toLowerCase();
  const type = part.type.toLowerCase();
  return (
    NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? TYPES.find(([pattern]) => pattern.test(type))?.[1] ?? 'none'
  );
}

/** The type that the server is told: many senders call everything octets. */
export function typeOf(part: Pick<BodyPart, 'name' | 'type'>): string {
  const kind = kindOf(part);
  if (kind === 'pdf') return 'application/pdf';
  if (kind !== 'picture' || part.type.startsWith('image/')) return part.type;
  const ending = /\.(\w+)$/.exec((part.name ?? '').toLowerCase())?.[1] ?? 'png';
  return `image/${ending === 'jpg' ? 'jpeg' : ending}`;
}

export type Block = { table: string[][] } | { lines: string[] };

/** Text as the parser gives it: lines whose cells are parted by tabs stand together as a table. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (const line of text.split('\n')) {
    const cells = line.split('\t');
    const last = blocks.at(-1);
    if (cells.length > 1) {
      if (last && 'table' in last) last.table.push(cells);
      else blocks.push({ table: [cells] });
    } else if (last && 'lines' in last) last.lines.push(line);
    else blocks.push({ lines: [line] });
  }
  // One line with a tab is no table.
  return blocks.map((block) =>
    'table' in block && block.table.length === 1 ? { lines: [(block.table[0] ?? []).join('    ')] } : block,
  );
}
