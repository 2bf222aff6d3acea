// A visitor of the small shop, and what tests ask about it.
import { visitor } from './browser.mjs';
import { startStorefront } from './storefront.mjs';

// Tokens as the redirect makes them, oldest first: they begin with the time.
export const OLDER = '01k7x3m8q0'.padEnd(48, 'a');
export const NEWER = '01k7x9d2v5'.padEnd(48, 'b');
export const NEWEST = '01k82c7h3t'.padEnd(48, 'c');

// shopper opens a shop and a clean profile. Set-up given to prepare runs before
// any page script; it is passed as text to the browser.
export async function shopper(t, browser, { prepare, ...settings } = {}) {
  const shop = await startStorefront(t);
  Object.assign(shop, settings);
  const { context, page, requests } = await visitor(t, browser, {
    origins: [shop.origin, 'https://shop.example'],
  });
  await context.addInitScript(countAnswers);
  if (prepare) await context.addInitScript(prepare);

  return {
    shop,
    context,
    page,
    open: (path = '/') => page.goto(shop.origin + path),
    land: (token, path = '/') => page.goto(`${shop.origin}${path}?utm_source=x&trb_click=${token}`),
    token: () => page.evaluate(() => window.tributary.token()),
    consent: (granted) => page.evaluate((yes) => window.tributary.consent(yes), granted),
    cookie: async () => (await context.cookies()).find(({ name }) => name === 'trb_click'),
    kept: () => page.evaluate(() => Object.entries(localStorage).filter(([key]) => key.startsWith('trb_'))),
    cartCalls: () => requests.filter((request) => request.url().includes('/cart/update.js')).length,
  };
}

// cartTold does something and waits until the page has dealt with the answer to
// the cart update it causes.
export async function cartTold({ page }, act) {
  await page.evaluate(() => (window.cartAnswers = 0));
  await act();
  await page.waitForFunction(() => window.cartAnswers > 0);
}

// countAnswers runs in the page: cartAnswers grows when a request's own
// handlers have run.
function countAnswers() {
  const send = XMLHttpRequest.prototype.send;
  window.cartAnswers = 0;
  XMLHttpRequest.prototype.send = function (body) {
    this.addEventListener('loadend', () => (window.cartAnswers += 1));
    return send.call(this, body);
  };
}
