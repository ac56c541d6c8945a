/** Which styles of a message are let through: looks, never places, never addresses. */

export interface Declaration {
  name: string;
  value: string;
  important: boolean;
}

const ALLOWED =
  /^(?:color|background(?:-color|-size|-repeat|-position|-clip)?|font(?:-.+)?|line-height|letter-spacing|word-.+|white-space(?:-.+)?|text-.+|direction|unicode-bidi|vertical-align|border(?:-.+)?|padding(?:-.+)?|margin(?:-.+)?|(?:min-|max-)?(?:width|height|inline-size|block-size)|display|float|clear|opacity|overflow(?:-.+)?|box-sizing|table-layout|caption-side|empty-cells|list-style-(?:type|position)|flex(?:-.+)?|align-.+|justify-.+|gap|row-gap|column-gap|order|grid(?:-.+)?|object-fit|column(?:s|-.+)|quotes|tab-size|hyphens)$/;
/** Anything that fetches or computes from outside. */
const FETCHES =
  /url\s*\(|image\s*\(|image-set|element\s*\(|src\s*\(|expression|javascript:|@import|-moz-binding|attr\s*\(/i;

export function allowedDeclarations(text: string): Declaration[] {
  const sheet = new CSSStyleSheet();
  try {
    // Parsed as a rule of its own: a stray brace in the text can only end this rule.
    sheet.replaceSync(`x{${text}}`);
  } catch {
    return [];
  }
  const rule = sheet.cssRules[0];
  return rule instanceof CSSStyleRule ? declarationsOf(rule.style) : [];
}

/** The text of a sheet with only allowed declarations in plain and media rules. */
export function filterSheet(text: string): string {
  const sheet = new CSSStyleSheet();
  try {
    sheet.replaceSync(text);
  } catch {
    return '';
  }
  return rulesOf(sheet.cssRules);
}

function rulesOf(rules: CSSRuleList): string {
  let text = '';
  for (const rule of rules) {
    if (rule instanceof CSSStyleRule) {
      const body = declarationsOf(rule.style).map(
        ({ name, value, important }) => `${name}:${value}${important ? '!important' : ''}`,
      );
      if (body.length > 0) text += `${rule.selectorText}{${body.join(';')}}`;
    } else if (rule instanceof CSSMediaRule) {
      text += `@media ${rule.conditionText}{${rulesOf(rule.cssRules)}}`;
    }
  }
  return text;
}

function declarationsOf(style: CSSStyleDeclaration): Declaration[] {
  const result: Declaration[] = [];
  for (const name of style) {
    const value = style.getPropertyValue(name);
    if (ALLOWED.test(name) && !FETCHES.test(value)) {
      result.push({ name, value, important: style.getPropertyPriority(name) === 'important' });
    }
  }
  return result;
}
