// What the reader has chosen for this browser: colours and time zone. Nothing secret.
const THEME = 'tributary.theme';
const ZONE = 'tributary.zone';

export type Theme = 'auto' | 'light' | 'dark';

export const theme = () => (localStorage.getItem(THEME) ?? 'auto') as Theme;

export function setTheme(chosen: Theme) {
  localStorage.setItem(THEME, chosen);
  applyTheme();
}

// applyTheme marks the page with the choice; without one the system decides.
export function applyTheme() {
  document.documentElement.dataset.theme = theme();
}

export const zone = () => localStorage.getItem(ZONE) ?? '';
export const setZone = (name: string) => localStorage.setItem(ZONE, name);
export const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
export const zones = () => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')];
