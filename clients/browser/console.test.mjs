// The console as staff and affiliates meet it, in front of the real server.
// With TRIBUTARY_SCREENSHOTS set to a folder, pictures are left there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, visitor } from './browser.mjs';
import { openHouse } from './house.mjs';

const PATIENCE = 60_000;
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let browser;
let house;
before(async () => ([browser, house] = await Promise.all([launch(), openHouse()])));
after(() => Promise.all([browser?.close(), house?.close()]));

async function door(t, viewport = { width: 1440, height: 900 }) {
  const { page, context } = await visitor(t, browser, { origins: [house.origin], viewport });
  page.setDefaultTimeout(PATIENCE);
  await page.goto(`${house.origin}/`);
  await page.waitForSelector('form[aria-label="Log in"]');
  return { page, context };
}

async function desk(t, { email, password }, viewport) {
  const { page, context } = await door(t, viewport);
  await page.fill('[name=email]', email);
  await page.fill('[name=password]', password);
  await page.click('button:text-is("Log in")');
  await page.waitForSelector('.line.live');
  return { page, context };
}

// becomes waits until a counter shows a number.
const becomes = (page, name, want) =>
  page.waitForFunction(
    ([selector, value]) => Number(document.querySelector(selector)?.innerText.replace(/[^0-9.-]/g, '')) === value,
    [`[data-counter=${name}] .now`, want],
  );

const picture = (page, name) => process.env.TRIBUTARY_SCREENSHOTS && page.screenshot({ path: join(process.env.TRIBUTARY_SCREENSHOTS, `${name}.png`) });

test('numbers and orders move by themselves, and an order tells why', async (t) => {
  const { page } = await desk(t, house.owner);
  await page.evaluate(() => (window.untouched = true));
  await becomes(page, 'clicks', 0);

  const token = await house.click();
  await becomes(page, 'clicks', 1);
  const number = await house.order(token, '49.90');
  await becomes(page, 'orders', 1);
  await becomes(page, 'accrued', 4.99);
  await page.click(`.order:has-text("${number}"):has-text("4.99")`);
  await page.waitForSelector('dialog[open] .steps >> text=49.90 USD × 10 % = 4.99 USD');
  await page.waitForSelector('dialog[open] .credit >> text=Ann Lee');
  await picture(page, 'console-explain');
  assert.equal(await page.evaluate(() => window.untouched), true, 'the page was loaded anew');
});

test('everything is reached by the keyboard alone', async (t) => {
  const number = await house.order(await house.click(), '20.00');
  const { page } = await door(t);
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.innerText?.split('\n')[0] ?? '');
  const tabTo = async (want) => {
    for (let presses = 0; presses < 60; presses++) {
      if ((await focused()).includes(want)) return;
      await page.keyboard.press('Tab');
    }
    assert.fail(`no Tab leads to ${want}`);
  };
  await page.keyboard.type(house.owner.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(house.owner.password);
  await page.keyboard.press('Enter');
  await page.waitForSelector(`.order:has-text("${number}")`);

  await tabTo('Skip to the numbers');
  await tabTo('Colours');
  await page.keyboard.press('Space');
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light');
  await tabTo('30 days');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[aria-pressed=true]:text-is("30 days")');
  await tabTo(number);
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none', 'the focus is not seen');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog[open] .steps');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  assert.match(await focused(), new RegExp(number), 'the focus has not come back');
});

test('the funnel and the leaderboard move by themselves', async (t) => {
  const { page } = await desk(t, house.owner);
  const stage = (name) => page.evaluate((n) => Number(document.querySelector(`[data-stage=${n}] .num`)?.innerText ?? 0), name);
  await page.waitForSelector('.funnel [data-stage=clicks], .funnel .nothing');
  const before = { clicks: await stage('clicks'), orders: await stage('orders') };
  await house.order(await house.click(), '30.00');
  await page.waitForFunction(
    ({ clicks, orders }) => ['clicks', 'orders'].every((n) => Number(document.querySelector(`[data-stage=${n}] .num`)?.innerText) === { clicks, orders }[n] + 1),
    before,
  );
  await page.waitForSelector('.bars .ranks >> text=Ann Lee');
});

test('a report is taken away as a file', async (t) => {
  const { page } = await desk(t, house.owner);
  await house.order(await house.click(), '40.00');
  for (const [list, format, holds] of [['REPORT', 'CSV', /^from,affiliateId,numbers\.clicks,/], ['ORDERS', 'JSONL', new RegExp(`"orderNumber":"#${1000 + house.ordered}"`)]]) {
    await page.selectOption('.files select[name=list]', list);
    await page.selectOption('.files select[name=format]', format);
    await page.click('.files button:text-is("Make a file")');
    const link = page.locator(`.files li a:has-text("${list.toLowerCase()}-")`);
    await link.waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), link.click()]);
    assert.match(file.suggestedFilename(), new RegExp(`^${list.toLowerCase()}-\\d{4}-\\d\\d-\\d\\d\\.${format.toLowerCase()}$`));
    assert.match(readFileSync(await file.path(), 'utf8'), holds);
  }
  await picture(page, 'console-files');
});

test('a merchant\'s colour and logo are seen by its affiliates', async (t) => {
  const { page } = await desk(t, house.owner);
  const logo = { name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from(PIXEL, 'base64') };
  const button = (of) => of.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--accent').trim());
  await page.fill('.look input[name=accent]', '#7b1fa2');
  await page.waitForSelector('.look button:text-is("Default colour")');
  await page.setInputFiles('.look input[name=logo]', logo);
  await page.waitForSelector('header img.logo');
  await page.setInputFiles('.look input[name=logo]', { ...logo, buffer: Buffer.from('<script>alert(1)</script>') });
  await page.waitForSelector('.look .fault');

  const { page: hers } = await desk(t, house.affiliate, { width: 390, height: 844 });
  await hers.waitForFunction(() => document.querySelector('header img.logo')?.naturalWidth === 1);
  await hers.emulateMedia({ colorScheme: 'light' });
  assert.equal(await button(hers), '#7b1fa2');
  await hers.emulateMedia({ colorScheme: 'dark' });
  assert.notEqual(await button(hers), '#7b1fa2', 'too dark to be read on a dark page');
  assert.equal(await hers.locator('.look').count(), 0);
  await picture(hers, 'console-brand');
  await picture(page, 'console-look');

  await page.click('.look button:text-is("No logo")');
  await page.click('.look button:text-is("Default colour")');
  await page.waitForFunction(() => !document.querySelector('header img.logo, .look button'));
});

test('the session is in cookies that no script reads, and ends by logging out', async (t) => {
  const { page, context } = await desk(t, house.owner);
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.doesNotMatch(stored, /trb_|eyJ|[A-Za-z0-9_-]{30}/);
  const cookies = await context.cookies();
  assert.deepEqual(cookies.map((c) => [c.httpOnly, c.secure, c.sameSite]), [[true, true, 'Strict'], [true, true, 'Strict']]);

  await page.reload();
  await page.waitForSelector('.line.live');
  await page.click('button:text-is("Log out")');
  await page.waitForSelector('form[aria-label="Log in"]');
  assert.deepEqual(await context.cookies(), []);
});

test('an affiliate sees what is hers', async (t) => {
  const { page } = await desk(t, house.affiliate, { width: 390, height: 844 });
  await page.waitForSelector('.links >> text=/r/');
  await page.waitForSelector('.balances >> text=Waits for approval');
  assert.equal(await page.locator('.bars, .sync, .begin').count(), 0);
  await becomes(page, 'orders', house.ordered);
  await house.order(await house.click(), '10.00');
  await becomes(page, 'orders', house.ordered);
});

test('staff go from one merchant to another', async (t) => {
  const { page } = await desk(t, house.owner);
  const places = page.locator('select[aria-label=Merchant]');
  const twin = await places.locator('option').nth(1).getAttribute('value');
  const other = (await places.inputValue()) === twin ? await places.locator('option').nth(0).getAttribute('value') : twin;
  await places.selectOption(other);
  await page.waitForSelector('.begin >> text=From here to the first order');
  await page.waitForSelector('.line.live');
  await page.reload();
  await page.waitForSelector('.begin');
  assert.equal(await places.inputValue(), other);
});

test('a wrong password is told plainly', async (t) => {
  const { page } = await door(t);
  await page.fill('[name=email]', house.owner.email);
  await page.fill('[name=password]', 'not the password');
  await page.click('button:text-is("Log in")');
  await page.waitForSelector('[role=alert]');
});

for (const width of [390, 1440]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`it fits ${width} pixels, ${colorScheme}`, async (t) => {
      const { page } = await desk(t, house.owner, { width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await page.waitForSelector('.ranks li, .nothing');
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      const lightness = await page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)[0]));
      assert.equal(lightness < 128, colorScheme === 'dark');
      await picture(page, `console-${width}-${colorScheme}`);
    });
  }
}
