/**
 * Icons as they were drawn the first time. A list shows hundreds of a dozen icons, and a copy of a drawing costs a tenth
 * of making it from its description again.
 */
import type { Component } from 'svelte';

/** As the package of the icons tells it. What comes of its import is a description (`tools/icons.ts`): no `<Star />`. */
export type Glyph = Component<{ size?: number; strokeWidth?: number; 'aria-hidden'?: 'true' }>;

type Shape = readonly [name: string, attributes: Readonly<Record<string, string>>];

const known = new Map<Glyph, Map<number, Element>>();

/** A new copy of an icon of `size` px, for one place. */
export function drawn(glyph: Glyph, size: number, strokeWidth: number): Element {
  let sizes = known.get(glyph);
  if (!sizes) known.set(glyph, (sizes = new Map<number, Element>()));
  let first = sizes.get(size);
  if (!first) sizes.set(size, (first = draw(glyph as unknown as readonly Shape[], size, strokeWidth)));
  return first.cloneNode(true) as Element;
}

function draw(shapes: readonly Shape[], size: number, strokeWidth: number): Element {
  const icon = element('svg', {
    width: String(size),
    height: String(size),
    viewBox: '0 0 24 24',
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': String(strokeWidth),
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
    'aria-hidden': 'true',
  });
  for (const [name, attributes] of shapes) icon.append(element(name, attributes));
  return icon;
}

function element(name: string, attributes: Readonly<Record<string, string>>): Element {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
