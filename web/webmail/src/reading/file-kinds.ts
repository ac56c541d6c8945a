/** What a file is called on its sheet, and in which hue: people find the table among the drawings by its colour. Pure. */

interface FileKind {
  /** At most four letters. */
  word: string;
  hue: number;
  /** Without what the sheet says already. */
  stem: string;
}

const HUES: [RegExp, number][] = [
  [/^pdf$/, 25],
  [/^(xlsx?|xlsm|csv|ods|cell)$/, 150],
  [/^(hwpx?|docx?|odt|rtf|txt|md)$/, 230],
  [/^(pptx?|odp|show)$/, 55],
  [/^(png|jpe?g|gif|webp|bmp|svg|heic|tiff?)$/, 340],
  [/^(dwg|dxf|stp|step|igs)$/, 300],
  [/^(zip|7z|tar|gz|rar|alz|egg)$/, 95],
  [/^(mp4|mov|avi|mp3|wav|m4a)$/, 190],
];
const PLAIN = 264;
const LONGEST = 4;

/** `type` names what has no ending of its own. */
export function fileKind(name: string, type: string): FileKind {
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 ? name.slice(dot) : '';
  const word = (ending.slice(1) || (/^[a-z]+\/(?:x-)?([a-z0-9]+)$/.exec(type)?.[1] ?? '')).toLowerCase();
  const hue = HUES.find(([of]) => of.test(word))?.[1] ?? PLAIN;
  const known = word.length <= LONGEST && /^[a-z0-9]+$/.test(word);
  // An ending that does not stand on the sheet stays in the name.
  return { word: known ? word.toUpperCase() : '', hue, stem: known && ending !== '' ? name.slice(0, dot) : name };
}
