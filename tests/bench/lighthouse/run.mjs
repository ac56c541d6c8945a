/** Asks Lighthouse about one address in a browser that is open and signed in: `node run.mjs PORT ADDRESS FORM-FACTOR`; prints JSON. */
import { desktopConfig, default as lighthouse } from 'lighthouse';

const [port, address, form] = process.argv.slice(2);
const flags = {
  port: Number(port),
  output: 'json',
  logLevel: 'error',
  // The session's cookie stays; what the page keeps would otherwise be removed with it.
  disableStorageReset: true,
  onlyCategories: ['performance', 'accessibility', 'best-practices'],
};
const { lhr } = await lighthouse(address, flags, form === 'desktop' ? desktopConfig : undefined);
const categories = Object.values(lhr.categories);
const scores = Object.fromEntries(categories.map(({ id, score }) => [id, score]));
const lost = categories.flatMap(({ id: category, auditRefs }) =>
  auditRefs
    .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)
    .map(({ id }) => ({ category, title: lhr.audits[id].title, shown: lhr.audits[id].displayValue ?? '' })),
);
console.log(JSON.stringify({ error: lhr.runtimeError ?? null, scores, lost }));
