/** A long press with a finger; moving or lifting it early is a scroll or a tap. */
import type { Attachment } from 'svelte/attachments';

const LONG_MS = 450;
const STILL_PX = 8;

export function longPress(run: () => void): Attachment<HTMLElement> {
  return (element) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let start = { x: 0, y: 0 };
    let done = false;

    const down = (event: PointerEvent): void => {
      if (event.pointerType !== 'touch') return;
      start = { x: event.clientX, y: event.clientY };
      done = false;
      timer = setTimeout(() => {
        done = true;
        run();
      }, LONG_MS);
    };
    const move = (event: PointerEvent): void => {
      if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > STILL_PX) clearTimeout(timer);
    };
    const end = (): void => clearTimeout(timer);
    // The click that ends a long press is not a tap; nor is the menu of the browser wanted.
    const swallow = (event: Event): void => {
      if (!done) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.type === 'click') done = false;
    };

    element.addEventListener('pointerdown', down);
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerup', end);
    element.addEventListener('pointercancel', end);
    element.addEventListener('click', swallow, { capture: true });
    element.addEventListener('contextmenu', swallow);
    return () => clearTimeout(timer);
  };
}
