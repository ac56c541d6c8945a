/** Tells an element when it comes into view and goes out of it. All that come at once are told at once: what they ask for is one request. */
const waiting = new WeakMap<Element, (here: boolean) => void>();
const observer = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) waiting.get(target)?.(isIntersecting);
});

/** For `{@attach}`: `told` is called each time. */
export function inView(told: (here: boolean) => void): (element: Element) => () => void {
  return (element) => {
    waiting.set(element, told);
    observer.observe(element);
    return () => {
      waiting.delete(element);
      observer.unobserve(element);
    };
  };
}
