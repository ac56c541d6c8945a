/** Beside every field of every form and filter stands what it is for, in all five languages. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const LANGUAGES = ['ko', 'en', 'ja', 'zh-Hans', 'zh-Hant'];

interface Found {
  file: string;
  name: string;
  label: string;
  hint: string;
}

/** The literals `{ name: '…', label: '…', … }` of a source: fields are told as data. */
function fieldsOf(file: string): Found[] {
  const text = readFileSync(`${root}/${file}`, 'utf8');
  const script = file.endsWith('.svelte') ? (/<script[^>]*>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '') : text;
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node)) {
      const value = (name: string): string => {
        const member = node.properties.find((one) => one.name !== undefined && one.name.getText() === name);
        return member && ts.isPropertyAssignment(member) && ts.isStringLiteral(member.initializer)
          ? member.initializer.text
          : '';
      };
      if (value('name') && value('label')) {
        found.push({ file, name: value('name'), label: value('label'), hint: value('hint') });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, script, ts.ScriptTarget.Latest, true));
  return found;
}

const fields = globSync('admin/src/**/*.{ts,svelte}', { cwd: root }).flatMap(fieldsOf);

it('fields are found at all', () => {
  expect(fields.length).toBeGreaterThan(150);
  expect(fields.some((one) => one.file.endsWith('flow.ts') && one.label === 'queue.sender')).toBe(true);
});

describe.each(LANGUAGES)('%s', (language) => {
  const catalogue = JSON.parse(readFileSync(`${root}/i18n/admin/${language}.json`, 'utf8')) as Record<string, string>;

  it('says of every field what it is for', () => {
    const silent = fields.filter((one) => !catalogue[one.hint || `help.${one.label}`]?.trim());
    expect([...new Set(silent.map((one) => `${one.label} (${one.file}: ${one.name})`))]).toEqual([]);
  });
});
