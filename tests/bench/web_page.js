// What the benchmark of the webmail adds to the page: clocks that stop when a frame has been painted.
(() => {
  if (window !== window.top) return;
  const painted = (then) => requestAnimationFrame(() => setTimeout(() => then(performance.now())));
  const grid = () => document.querySelector('[role=grid]');

  // When the first 50 rows stand on the screen, or as many as it has room for.
  const room = () => Math.min(50, Math.floor((grid()?.clientHeight ?? Infinity) / 36));
  const subjects = document.getElementsByClassName('subject');
  const first = new MutationObserver(() => {
    // Cheap first: measuring the grid makes the browser lay the page out.
    if (subjects.length < 10 || subjects.length < room()) return;
    first.disconnect();
    painted((at) => (window.firstRows = at));
  });
  first.observe(document, { childList: true, subtree: true, characterData: true });

  // What the browser itself says about paints, layout and waiting.
  window.vitals = { lcp: 0, cls: 0, blocked: 0, waits: [] };
  const watch = (type, look, more = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(look)).observe({ type, buffered: true, ...more });
  watch('largest-contentful-paint', (entry) => (window.vitals.lcp = entry.startTime));
  watch('layout-shift', (entry) => entry.hadRecentInput || (window.vitals.cls += entry.value));
  watch('longtask', (entry) => (window.vitals.blocked += Math.max(0, entry.duration - 50)));
  watch('event', (entry) => entry.interactionId && window.vitals.waits.push(entry.duration), { durationThreshold: 16 });

  /** Does something, then waits until it can be seen: milliseconds in between. */
  window.timed = (act, seen) =>
    new Promise((done, fail) => {
      const began = performance.now();
      const look = () => {
        if (seen()) painted((at) => done(at - began));
        else if (performance.now() - began > 30_000) fail(new Error(`not seen after 30 s: ${seen}`));
        else requestAnimationFrame(look);
      };
      act();
      requestAnimationFrame(look);
    });
  window.rowShown = (row) => document.querySelector(`#row-${row} .subject`) !== null;
  window.letterShown = (subject) =>
    [...document.querySelectorAll('article h1')].some((each) => each.textContent === subject) &&
    document.querySelector('article iframe')?.contentDocument?.querySelector('.letter') != null;
  window.jump = (row, height) => window.timed(() => (grid().scrollTop = row * height), () => window.rowShown(row));

  /** Ten seconds of flinging: the longest time between two frames. */
  window.fling = (milliseconds) =>
    new Promise((done) => {
      let longest = 0;
      let last = performance.now();
      const end = last + milliseconds;
      const step = (now) => {
        longest = Math.max(longest, now - last);
        last = now;
        if (now > end) return done(longest);
        grid().scrollTop += 900;
        requestAnimationFrame(step);
      };
      requestAnimationFrame((now) => ((last = now), requestAnimationFrame(step)));
    });
})();
