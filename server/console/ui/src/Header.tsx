import { useMemo, useState } from 'preact/hooks';
import { words } from './format';
import type { Line } from './live';
import { goTo, logOut } from './session';
import { ownZone, setTheme, setZone, theme, zones, type Theme } from './settings';
import { Mark } from './SignIn';
import type { Viewer } from './types';

type Props = { viewer: Viewer; line: Line; zone: string; pickZone: (zone: string) => void; moved: () => void; left: () => void };

const LINES: Record<Line, string> = { connecting: 'Connecting', live: 'Live', waiting: 'Reconnecting' };

export function Header({ viewer, line, zone, pickZone, moved, left }: Props) {
  const [fault, setFault] = useState('');
  const attempt = (deed: Promise<void>, then: () => void) => deed.then(then, (cause: Error) => setFault(cause.message));
  return (
    <header class="top">
      <Sign viewer={viewer} />
      <Places viewer={viewer} go={(id) => attempt(goTo(id), moved)} />
      <span class={`line ${line}`} role="status">{LINES[line]}</span>
      <div class="tools">
        <ZonePicker zone={zone} home={viewer.merchant?.timeZone ?? 'UTC'} pick={pickZone} />
        <ThemeButton />
        <span class="who muted" title={viewer.account?.email}>{viewer.affiliate?.name ?? words(viewer.role ?? '')}</span>
        <button onClick={() => attempt(logOut(), left)}>Log out</button>
      </div>
      {fault && <p class="fault" role="alert">{fault}</p>}
    </header>
  );
}

// Sign is the merchant's logo, or ours where it has none.
function Sign({ viewer }: { viewer: Viewer }) {
  const logo = viewer.brand?.logo;
  return logo ? <img class="logo" src={logo} alt={viewer.merchant?.name} /> : <span class="brand"><Mark /> Tributary</span>;
}

function Places({ viewer, go }: { viewer: Viewer; go: (merchantId: string) => void }) {
  const here = viewer.merchant;
  if (!here) return null;
  if (viewer.memberships.length < 2) return <span class="place">{here.name} <Mode mode={here.mode} /></span>;
  return (
    <span class="place">
      <select aria-label="Merchant" value={here.id} onChange={(e) => go(e.currentTarget.value)}>
        {viewer.memberships.map((m) => (
          <option key={m.merchantId} value={m.merchantId}>{m.merchantName}{m.mode === 'LIVE' ? '' : ` · ${words(m.mode)}`}</option>
        ))}
      </select>
      <Mode mode={here.mode} />
    </span>
  );
}

const Mode = ({ mode }: { mode: string }) => (mode === 'LIVE' ? null : <span class="badge warn">{words(mode)}</span>);

function ZonePicker({ zone, home, pick }: { zone: string; home: string; pick: (zone: string) => void }) {
  const all = useMemo(zones, []);
  const choose = (name: string) => (setZone(name), pick(name));
  return (
    <select class="zone" aria-label="Time zone" value={zone} onChange={(e) => choose(e.currentTarget.value)}>
      <option value="">Merchant’s time ({home})</option>
      <optgroup label="This device"><option value={ownZone()}>{ownZone().replaceAll('_', ' ')}</option></optgroup>
      <optgroup label="All zones">{all.filter((z) => z !== ownZone()).map((z) => <option key={z} value={z}>{z.replaceAll('_', ' ')}</option>)}</optgroup>
    </select>
  );
}

const NEXT: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };
const SIGNS: Record<Theme, string> = { auto: '◐', light: '☀', dark: '☾' };

function ThemeButton() {
  const [now, setNow] = useState(theme());
  const turn = () => (setTheme(NEXT[now]), setNow(NEXT[now]), window.dispatchEvent(new Event('theme')));
  return <button class="icon" onClick={turn} aria-label={`Colours: ${now}. Change to ${NEXT[now]}`} title={`Colours: ${now}`}>{SIGNS[now]}</button>;
}
