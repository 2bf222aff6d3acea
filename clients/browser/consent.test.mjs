// What the storefront script does without the visitor's consent: nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { cartTold, NEWER, OLDER, shopper } from './shopper.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const GPC = "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })";
const PAGE = `
  <form data-tributary></form>
  <a href="https://buy.stripe.com/abc">Buy</a>
  <stripe-buy-button></stripe-buy-button>`;

const settings = (more) => ({ pages: new Map([['/', PAGE]]), ...more, attributes: `data-shopify ${more?.attributes ?? ''}` });

async function assertNothing(visit) {
  assert.equal(await visit.token(), '');
  assert.equal(await visit.cookie(), undefined);
  assert.deepEqual(await visit.kept(), []);
  assert.deepEqual(await marks(visit.page), { inputs: [], link: 'https://buy.stripe.com/abc', element: null });
}

const marks = (page) =>
  page.evaluate(() => ({
    inputs: [...document.querySelectorAll('input')].map((input) => input.value).filter(Boolean),
    link: document.querySelector('a').href,
    element: document.querySelector('stripe-buy-button').getAttribute('client-reference-id'),
  }));

const REFUSALS = {
  'data-consent="denied"': { attributes: 'data-consent="denied"' },
  'window.tributaryConsent === false': { prepare: 'window.tributaryConsent = false' },
  'Global Privacy Control': { prepare: GPC },
};

for (const [name, refusal] of Object.entries(REFUSALS)) {
  test(`TestQ54 with ${name} nothing is stored or passed on`, async (t) => {
    const visit = await shopper(t, browser, settings(refusal));
    await visit.land(OLDER);
    await assertNothing(visit);
    assert.equal(visit.cartCalls(), 0);
  });
}

test('a GPC value other than true is no refusal', async (t) => {
  const visit = await shopper(t, browser, settings({ prepare: GPC.replace('true', '"true"') }));
  await cartTold(visit, () => visit.land(OLDER));
  assert.equal((await visit.cookie()).value, OLDER);
});

test('a refusal on a later visit removes what an earlier one stored', async (t) => {
  const visit = await shopper(t, browser, settings());
  await cartTold(visit, () => visit.land(OLDER));
  assert.equal((await visit.kept()).length, 2);
  visit.shop.attributes = 'data-shopify data-consent="denied"';
  await cartTold(visit, () => visit.open());
  await assertNothing(visit);
  assert.deepEqual(visit.shop.updates.at(-1).body, { attributes: { trb_click: '' } });
});

test('consent given on the page stores the landing token and passes it on', async (t) => {
  const visit = await shopper(t, browser, settings({ attributes: 'data-consent="denied"' }));
  await visit.land(OLDER);
  await cartTold(visit, () => visit.consent(true));
  assert.equal(await visit.token(), OLDER);
  assert.equal((await visit.cookie()).value, OLDER);
  assert.deepEqual(await marks(visit.page), {
    inputs: [OLDER],
    link: `https://buy.stripe.com/abc?client_reference_id=${OLDER}`,
    element: OLDER,
  });
});

test('a shop that denies by default and grants on each page keeps the token across pages', async (t) => {
  const visit = await shopper(t, browser, settings({ attributes: 'data-consent="denied"' }));
  await visit.land(OLDER);
  await cartTold(visit, () => visit.consent(true));
  const { expires } = await visit.cookie();
  await visit.open();
  await assert.doesNotReject(visit.consent(true));
  assert.equal(await visit.token(), OLDER);
  assert.ok(Math.abs((await visit.cookie()).expires - expires) <= 2);
});

test('consent withdrawn removes every copy, the cart attribute included', async (t) => {
  const visit = await shopper(t, browser, settings());
  await cartTold(visit, () => visit.land(OLDER));
  await cartTold(visit, () => visit.consent(false));
  await assertNothing(visit);
  await visit.open('/checkout');
  assert.deepEqual(visit.shop.orders[0].note_attributes, [{ name: 'trb_click', value: '' }]);
});

test('a cart that could not be told of the withdrawal is told on the next page, and no token waits for it', async (t) => {
  const visit = await shopper(t, browser, settings({ attributes: '' }));
  await cartTold(visit, () => visit.land(OLDER));
  visit.shop.refuseCart = true;
  await cartTold(visit, () => visit.consent(false));
  assert.deepEqual(await visit.kept(), [['trb_cart', '-']]);
  visit.shop.refuseCart = false;
  visit.shop.attributes = 'data-shopify data-consent="denied"';
  await cartTold(visit, () => visit.open());
  await assertNothing(visit);
});

test('Global Privacy Control outranks consent given on the page', async (t) => {
  const visit = await shopper(t, browser, settings({ prepare: GPC }));
  await visit.land(NEWER);
  await visit.consent(true);
  await assertNothing(visit);
});
