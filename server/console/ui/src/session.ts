// Who is signed in. The tokens are in cookies no script can read; only the token
// of another merchant one has gone to is here, in memory, and ends with the page.
import { ask, askAnonymously, Fault } from './api';
import { LOG_IN, SECOND_FACTOR, SIGN_UP, SWITCH } from './queries';

const MARK = { 'X-Tributary-Console': '1' };
const PLACE = 'tributary.merchant';
const KNOWN = 'tributary.known'; // somebody has signed in here: there may be cookies

let elsewhere = '';
let timer = 0;
let whenEnded = () => {};

type Session = { refreshToken?: string; challenge?: string; merchantId?: string; userErrors: { message: string }[] };

// onEnd says what to do when the session has ended by itself.
export const onEnd = (then: () => void) => void (whenEnded = then);

// headers are what a request of the signed-in person carries.
export const headers = (): Record<string, string> => (elsewhere ? { ...MARK, Authorization: `Bearer ${elsewhere}` } : MARK);

// resume goes on with the session that the cookies hold; false when there is none.
export async function resume(): Promise<boolean> {
  const going = localStorage.getItem(KNOWN) !== null && (await refresh());
  const place = sessionStorage.getItem(PLACE);
  if (going && place) await goTo(place).catch(() => sessionStorage.removeItem(PLACE));
  return going;
}

// renew makes what has ended new; false, and the page says so, when it cannot.
export async function renew(): Promise<boolean> {
  const going = await resume();
  if (!going) whenEnded();
  return going;
}

// logIn signs in. It gives the challenge when a second factor is asked for.
export async function logIn(email: string, password: string): Promise<string> {
  return enter((await askAnonymously<{ logIn: Session }>(LOG_IN, { input: { email, password } })).logIn);
}

export async function secondFactor(challenge: string, code: string): Promise<string> {
  const input = /^\d{6}$/.test(code) ? { challenge, code } : { challenge, recoveryCode: code };
  return enter((await askAnonymously<{ logInSecondFactor: Session }>(SECOND_FACTOR, { input })).logInSecondFactor);
}

// signUp makes a merchant. True when that signed its owner in, false when a
// letter asks to show first that the address is theirs.
export async function signUp(input: Record<string, string>): Promise<boolean> {
  const { signUp: session } = await askAnonymously<{ signUp: Session }>(SIGN_UP, { input });
  refuse(session);
  if (session.refreshToken) await enter(session);
  return Boolean(session.refreshToken);
}

// goTo works for another merchant from now on.
export async function goTo(merchantId: string) {
  elsewhere = '';
  const { sessionSwitch } = await ask<{ sessionSwitch: Session & { accessToken?: string } }>(SWITCH, { input: { merchantId } });
  refuse(sessionSwitch);
  elsewhere = sessionSwitch.accessToken ?? '';
  sessionStorage.setItem(PLACE, merchantId);
}

export async function logOut() {
  elsewhere = '';
  clearTimeout(timer);
  sessionStorage.removeItem(PLACE);
  localStorage.removeItem(KNOWN);
  const response = await fetch('/session', { method: 'DELETE', headers: MARK });
  if (!response.ok) throw new Fault('The session could not be ended. Try again.');
}

async function enter(session: Session): Promise<string> {
  refuse(session);
  if (session.challenge) return session.challenge;
  elsewhere = '';
  sessionStorage.removeItem(PLACE);
  if (!(await refresh(session.refreshToken))) throw new Fault('The browser keeps no session here: it takes cookies over https, or from this machine.');
  return '';
}

function refuse(session: Session) {
  if (session.userErrors.length) throw new Fault(session.userErrors.map((e) => e.message).join(' '));
}

// refresh trades the refresh token, which works once, for fresh cookies. Pages
// take turns, so that two of them never spend the same one.
function refresh(refreshToken?: string): Promise<boolean> {
  const trade = () => refreshOnce(refreshToken);
  return navigator.locks ? navigator.locks.request('tributary.session', trade) : trade();
}

async function refreshOnce(refreshToken?: string): Promise<boolean> {
  const init = refreshToken ? { headers: { ...MARK, 'Content-Type': 'application/json' }, body: JSON.stringify({ refreshToken }) } : { headers: MARK };
  const response = await fetch('/session', { method: 'POST', ...init }).catch(() => undefined);
  if (!response?.ok) return false;
  localStorage.setItem(KNOWN, '1');
  const { expiresAt } = (await response.json()) as { expiresAt: string };
  clearTimeout(timer);
  timer = window.setTimeout(renew, Math.max(10_000, Date.parse(expiresAt) - Date.now() - 60_000));
  return true;
}
