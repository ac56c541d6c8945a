/**
 * Firefox by WebDriver BiDi, one command a line: `{"act", …}` comes in, `{"value"}` or `{"error"}` goes out.
 *
 *   node firefox_driver.mjs '{"program", "headless"}'
 *
 * It ends, and the browser with it, when its input does.
 */
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { default: puppeteer } = await import(require.resolve('puppeteer-core'));
const { program, headless } = JSON.parse(process.argv[2]);

const browser = await puppeteer.launch({
  browser: 'firefox',
  executablePath: program,
  headless,
  acceptInsecureCerts: true,
  // Without a size of its own the page has that of the window, which a person's keyboard reaches.
  defaultViewport: null,
  extraPrefsFirefox: {
    'intl.accept_languages': 'ko-KR, ko',
    // What drivers recommend lets a window take its focus without the screen's word, and then no input method hears it.
    'focusmanager.testmode': headless,
    'remote.prefs.recommended': headless,
  },
});
const page = await browser.newPage();
const wrong = [];
const asked = [];
page.on('pageerror', (error) => wrong.push(String(error)));
page.on('console', (line) => ['error', 'warn'].includes(line.type()) && wrong.push(line.text()));
page.on('request', (request) => asked.push(request.url()));

const acts = {
  open: ({ url }) => page.goto(url, { waitUntil: 'load', timeout: 60_000 }).then(() => null),
  run: ({ expression }) => page.evaluate(expression),
  point: ({ x, y }) => page.mouse.click(x, y),
  type: ({ text }) => page.keyboard.type(text),
  press: ({ key }) => page.keyboard.press(key),
  size: ({ width, height }) => page.setViewport({ width, height }),
  picture: ({ path }) => page.screenshot({ path }).then(() => null),
  heard: () => ({ wrong, asked }),
};

process.stdout.write(`${JSON.stringify({ value: 'ready' })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await acts[command.act](command)) ?? null };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
