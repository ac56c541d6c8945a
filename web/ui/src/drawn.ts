/**
 * Icons as they were drawn the first time. A list shows hundreds of a dozen icons, and a copy of a drawing costs a tenth
 * of making it from its description again.
 */
import { type Component, mount, unmount } from 'svelte';

export type Glyph = Component<{ size?: number; strokeWidth?: number; 'aria-hidden'?: 'true' }>;

const known = new Map<Glyph, Map<number, Element>>();

/** A new copy of an icon of `size` px, for one place. */
export function drawn(glyph: Glyph, size: number, strokeWidth: number): Element {
  let sizes = known.get(glyph);
  if (!sizes) known.set(glyph, (sizes = new Map<number, Element>()));
  let first = sizes.get(size);
  if (!first) sizes.set(size, (first = draw(glyph, size, strokeWidth)));
  return first.cloneNode(true) as Element;
}

function draw(glyph: Glyph, size: number, strokeWidth: number): Element {
  const paper = document.createElement('span');
  const component = mount(glyph, { target: paper, props: { size, strokeWidth, 'aria-hidden': 'true' } });
  const icon = paper.firstElementChild?.cloneNode(true) as Element;
  void unmount(component);
  return icon;
}
