/*
 * The storefront script: carries the click token from the landing page to the
 * order, on the merchant's own origin only.
 *
 *   <script async src="https://…/t.js" data-window-days="30"></script>
 *
 * Attributes: data-window-days (lifetime of the token, default 30),
 * data-shopify (treat the page as a Shopify storefront), data-consent="denied"
 * (keep and pass on nothing until tributary.consent(true)).
 *
 * Written in ES5 for every browser a shop still sees. Every door into the
 * script is guarded: a failure costs the click, never the page.
 */
(function (window, document) {
  'use strict';

  var NAME = 'trb_click'; // query parameter, cookie, form input and cart attribute
  var SENT = 'trb_cart'; // what the Shopify cart was last told
  var REFERENCE = 'client-reference-id';
  var TOKEN = /^[0-9a-z]{48}$/;
  var DAY = 864e5;

  var tag = document.currentScript || document.querySelector('script[src*="/t.js"]');
  var choice; // the visitor's answer by tributary.consent, once given
  var click = ''; // the newest token known, kept in memory even without consent
  var until = 0; // when it ends, ms since the epoch
  var kept; // the answer under which storage was last settled
  var tried; // the token this page told the cart
  var waiting; // a repaint is due

  if (window.tributary && window.tributary.token) return;

  function guard(action) {
    return function (argument) {
      try {
        return action(argument);
      } catch (e) {
        return '';
      }
    };
  }

  function setting(name) {
    return tag && tag.getAttribute('data-' + name);
  }

  // Global Privacy Control outranks every answer.
  function allowed() {
    if (navigator.globalPrivacyControl === true) return false;
    return choice === undefined ? window.tributaryConsent !== false && setting('consent') !== 'denied' : choice;
  }

  function current() {
    return allowed() ? click : '';
  }

  var cookie = guard(function (name) {
    return (new RegExp('(?:^|; )' + name + '=([^;]*)').exec(document.cookie) || [])[1] || '';
  });

  var recall = guard(function (key) {
    return localStorage.getItem(key) || '';
  });

  var remember = guard(function (pair) {
    if (pair[1]) localStorage.setItem(pair[0], pair[1]);
    else localStorage.removeItem(pair[0]);
  });

  // Tokens begin with their click's UUIDv7, so the greatest is the newest: going
  // back to an older landing page does not undo a later click.
  function recognise() {
    var landed = (/^.*[?&]trb_click=([0-9a-z]{48})(?:&|$)/.exec(location.search) || [])[1] || '';
    var held = cookie(NAME);
    var stored = recall(NAME);
    var end = +stored.slice(48);
    var now = +new Date();
    stored = end > now ? stored.slice(0, 48) : '';
    click = [landed, held, stored]
      .filter(function (token) {
        return TOKEN.test(token);
      })
      .sort()
      .pop() || '';
    until = click === stored ? end : now + (setting('window-days') > 0 ? setting('window-days') : 30) * DAY;
  }

  // Once per answer: a cookie that the visitor deletes meanwhile stays deleted.
  var keep = guard(function () {
    var token = current();
    var seconds = token ? Math.round((until - new Date()) / 1000) : 0;
    if (kept === allowed()) return;
    kept = allowed();
    remember([NAME, token && token + until]);
    if (!token && recall(SENT)) remember([SENT, '-']);
    if (cookie(NAME) !== token) {
      document.cookie =
        NAME + '=' + token + '; Path=/; Max-Age=' + seconds + '; SameSite=Lax' +
        (location.protocol === 'https:' ? '; Secure' : '');
    }
  });

  // The cart attribute goes with the cart, so a new cart is told again; a cart
  // is known by the tail of its cookie where that can be read.
  function mark(token) {
    return token && token + cookie('cart').slice(-8);
  }

  var tellCart = guard(function () {
    var shop = window.Shopify;
    var token = current();
    var attributes = {};
    var request;
    if (!(shop || setting('shopify') !== null) || token === tried || recall(SENT) === mark(token)) return;
    tried = token;
    attributes[NAME] = token;
    request = new XMLHttpRequest();
    request.onload = guard(function () {
      if (request.status === 200) remember([SENT, mark(token)]);
      tellCart();
    });
    request.open('POST', ((shop && shop.routes && shop.routes.root) || '/') + 'cart/update.js');
    request.setRequestHeader('Content-Type', 'application/json');
    request.send(JSON.stringify({ attributes: attributes }));
  });

  function each(selector, action) {
    [].forEach.call(document.querySelectorAll(selector), guard(action));
  }

  function fillForm(form) {
    var token = current();
    var input = form.querySelector('input[name=' + NAME + ']');
    if (!input && token) {
      input = document.createElement('input');
      input.type = 'hidden';
      input.name = NAME;
      form.appendChild(input);
    }
    if (input && (token || !allowed())) input.value = token;
  }

  // A reference of the merchant's own stays; only our tokens are replaced.
  function markLink(link) {
    var old = link.search.slice(1);
    var query = old.replace(/(^|&)client_reference_id=[0-9a-z]{48}(?=&|$)/, '');
    if (link.hostname !== 'buy.stripe.com') return;
    if (current() && !/(^|&)client_reference_id=/.test(query)) {
      query += (query && '&') + 'client_reference_id=' + current();
    }
    if (query !== old) link.search = query;
  }

  function markElement(element) {
    var old = element.getAttribute(REFERENCE) || '';
    if (old === current() || (old && !TOKEN.test(old))) return;
    if (current()) element.setAttribute(REFERENCE, current());
    else element.removeAttribute(REFERENCE);
  }

  var paint = guard(function () {
    waiting = 0;
    keep();
    each('form[data-tributary]', fillForm);
    each('a[href*="buy.stripe.com"]', markLink);
    each('stripe-buy-button,stripe-pricing-table', markElement);
    tellCart();
  });

  guard(function () {
    recognise();
    window.tributary = {
      token: guard(current),
      consent: guard(function (granted) {
        choice = !!granted;
        paint();
      })
    };
    paint();

    // What scripts add later is marked soon after it appears, and at the latest
    // on the click or submit that uses it.
    document.addEventListener('DOMContentLoaded', paint);
    document.addEventListener('submit', paint, true);
    document.addEventListener('click', paint, true);
    new MutationObserver(function () {
      waiting = waiting || setTimeout(paint, 50);
    }).observe(document, { childList: true, subtree: true });
  })();
})(window, document);
