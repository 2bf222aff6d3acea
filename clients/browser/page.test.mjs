// How the storefront script marks forms and Stripe's links and elements.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { NEWER, OLDER, shopper } from './shopper.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const page = (body) => ({ pages: new Map([['/', body]]) });
const hrefs = (visit) => visit.page.$$eval('a', (links) => links.map((link) => link.href));
const references = (visit) =>
  visit.page.$$eval('stripe-buy-button,stripe-pricing-table', (all) => all.map((e) => e.getAttribute('client-reference-id')));

test('marked forms submit the token, others do not', async (t) => {
  const visit = await shopper(t, browser, page(`
    <form method="post" action="/lead" data-tributary><input name="email" value="a@example.com"><button id="one">Send</button></form>
    <form method="post" action="/search"><input name="q" value="x"><button id="two">Search</button></form>`));
  await visit.land(OLDER);
  await visit.page.click('#one');
  await visit.page.waitForURL('**/lead');
  await visit.open();
  await visit.page.click('#two');
  await visit.page.waitForURL('**/search');
  assert.deepEqual(visit.shop.submitted, [{ email: 'a@example.com', trb_click: OLDER }, { q: 'x' }]);
});

test('an input of that name is filled, not doubled', async (t) => {
  const visit = await shopper(t, browser, page('<form data-tributary><input type="hidden" name="trb_click"></form>'));
  await visit.land(OLDER);
  await visit.land(NEWER);
  const values = await visit.page.$$eval('input', (inputs) => inputs.map((input) => input.value));
  assert.deepEqual(values, [NEWER]);
});

test('a form added and submitted in one breath carries the token', async (t) => {
  const visit = await shopper(t, browser, page('<h1>Shop</h1>'));
  await visit.land(OLDER);
  await Promise.all([
    visit.page.waitForURL('**/late'),
    visit.page.evaluate(() => {
      const form = document.createElement('form');
      form.method = 'post';
      form.action = '/late';
      form.setAttribute('data-tributary', '');
      document.body.appendChild(form);
      form.requestSubmit();
    }),
  ]);
  assert.deepEqual(visit.shop.submitted, [{ trb_click: OLDER }]);
});

test('a form whose inputs shadow its methods does no harm to the others', async (t) => {
  const visit = await shopper(t, browser, page(`
    <form data-tributary><input name="querySelector"></form>
    <form data-tributary id="good"></form>`));
  await visit.land(OLDER);
  assert.equal(await visit.page.inputValue('#good input[name=trb_click]'), OLDER);
});

test('links to Stripe get the token, once, and other links stay as they are', async (t) => {
  const others = [
    'https://buy.stripe.com.evil.example/abc',
    'https://evil.example/?to=https://buy.stripe.com/abc',
    'https://buy.stripe.com/own?client_reference_id=order-17',
  ];
  const visit = await shopper(t, browser, page(
    ['https://buy.stripe.com/abc', 'https://buy.stripe.com/def?locale=de#x', ...others]
      .map((href) => `<a href="${href}">Buy</a>`).join('') + '<h1>Shop</h1>'));
  await visit.land(OLDER);
  await visit.page.click('h1');
  assert.deepEqual(await hrefs(visit), [
    `https://buy.stripe.com/abc?client_reference_id=${OLDER}`,
    `https://buy.stripe.com/def?locale=de&client_reference_id=${OLDER}#x`,
    ...others,
  ]);
});

test('an older token of ours in a link or element is replaced', async (t) => {
  const visit = await shopper(t, browser, page(`
    <a href="https://buy.stripe.com/abc?locale=de&client_reference_id=${OLDER}&x=1">Buy</a>
    <stripe-buy-button client-reference-id="${OLDER}"></stripe-buy-button>`));
  await visit.land(NEWER);
  assert.deepEqual(await hrefs(visit), [`https://buy.stripe.com/abc?locale=de&x=1&client_reference_id=${NEWER}`]);
  assert.deepEqual(await references(visit), [NEWER]);
});

test("Stripe's elements get the token, a reference of the merchant's own stays", async (t) => {
  const visit = await shopper(t, browser, page(`
    <stripe-buy-button buy-button-id="b"></stripe-buy-button>
    <stripe-pricing-table pricing-table-id="p"></stripe-pricing-table>
    <stripe-pricing-table client-reference-id="customer-17"></stripe-pricing-table>`));
  await visit.land(OLDER);
  assert.deepEqual(await references(visit), [OLDER, OLDER, 'customer-17']);
});

test('links and elements that a script adds later are marked', async (t) => {
  const visit = await shopper(t, browser, page('<div id="app"></div>'));
  await visit.land(OLDER);
  await visit.page.evaluate(() => {
    document.querySelector('#app').innerHTML =
      '<a href="https://buy.stripe.com/abc">Buy</a><stripe-pricing-table></stripe-pricing-table>';
  });
  await visit.page.waitForSelector(`stripe-pricing-table[client-reference-id="${OLDER}"]`, { state: 'attached' });
  assert.deepEqual(await hrefs(visit), [`https://buy.stripe.com/abc?client_reference_id=${OLDER}`]);
});

test('a visitor without a token meets an unchanged page', async (t) => {
  const body = '<form data-tributary=""></form><a href="https://buy.stripe.com/abc">Buy</a><stripe-buy-button></stripe-buy-button><h1>Shop</h1>';
  const visit = await shopper(t, browser, page(body));
  await visit.open();
  await visit.page.click('h1');
  assert.equal(await visit.page.$eval('body', (element) => element.innerHTML.trim()), body);
});
