/**
 * One story in Firefox by WebDriver BiDi: sign in, read, answer in Korean.
 *
 *   node firefox_story.mjs '{"program", "site", "login", "password", "subject", "body", "answer", "screenshot"}'
 *
 * Prints {"listed", "read", "console"} as JSON; any failure ends it with a code.
 */
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { default: puppeteer } = await import(require.resolve('puppeteer-core'));
const wish = JSON.parse(process.argv[2]);
const TIMEOUT = 60_000;

const browser = await puppeteer.launch({
  browser: 'firefox',
  executablePath: wish.program,
  acceptInsecureCerts: true,
  extraPrefsFirefox: { 'intl.accept_languages': 'ko-KR, ko' },
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(TIMEOUT);
  await page.setViewport({ width: 1440, height: 900 });
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  await page.goto(wish.site);
  await page.locator('input[name=username]').fill(wish.login);
  await page.locator('input[name=password]').fill(wish.password);
  await page.locator('button[type=submit]').click();
  // Mail that comes in between aiming and clicking moves the rows: then another letter opened, and it is tried anew.
  let listed = 0;
  for (let tries = 1; ; tries += 1) {
    const row = await page.waitForSelector(`::-p-xpath(//*[@role="row"][contains(., "${wish.subject}")])`);
    listed = await page.$$eval('[role=row]', (rows) => rows.length);
    await row.click();
    try {
      await page.waitForFunction(
        (words) => document.querySelector('article iframe')?.contentDocument?.body?.innerText.includes(words),
        { timeout: TIMEOUT / 3 },
        wish.body,
      );
      break;
    } catch (error) {
      if (tries === 3) throw error;
      await page.goto(wish.site);
    }
  }
  const read = await page.$eval('article iframe', (frame) => [
    frame.contentDocument.body.innerText,
    frame.clientHeight,
    frame.contentDocument.querySelectorAll('script').length,
  ]);
  await page.locator('article .answers button').click();
  const letter = await page.waitForSelector('[role=textbox][contenteditable=true]');
  await letter.click();
  await page.keyboard.type(wish.answer);
  await page.screenshot({ path: wish.screenshot });
  await page.locator('.composer footer button.filled, footer button.filled').click();
  await page.waitForFunction(() => document.body.innerText.includes('보냈습니다'));
  console.log(JSON.stringify({ listed, read, wrong }));
} finally {
  await browser.close();
}
