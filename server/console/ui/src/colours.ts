// The merchant's colour on the page. It is mixed towards black or white until what
// is written in it can be read (a contrast of 4.5, WCAG 2 AA), in light and in dark.
type Colour = readonly [number, number, number];

const BLACK: Colour = [0, 0, 0];
const WHITE: Colour = [255, 255, 255];
const PAGES = { light: { page: [245, 246, 248], ink: BLACK }, dark: { page: [23, 30, 38], ink: WHITE } } as const;
const READABLE = 4.5;

// wear puts the colour on, or with null the page's own on again.
export function wear(accent: string | null) {
  const style = document.documentElement.style;
  for (const [theme, { page, ink }] of Object.entries(PAGES)) {
    const colour = accent && readable(parsed(accent), page, ink);
    set(style, `--own-${theme}`, colour && written(colour));
    set(style, `--on-own-${theme}`, colour && written(contrast(colour, WHITE) >= READABLE ? WHITE : BLACK));
  }
}

const set = (style: CSSStyleDeclaration, name: string, value: string | null) => (value ? style.setProperty(name, value) : style.removeProperty(name));

function readable(colour: Colour, page: Colour, ink: Colour): Colour {
  let share = 0;
  let mixed = colour;
  while (contrast(mixed, page) < READABLE && share < 1) mixed = mix(colour, ink, (share += 0.05));
  return mixed;
}

const mix = (a: Colour, b: Colour, share: number) => a.map((of, i) => of + (b[i] - of) * share) as unknown as Colour;

const parsed = (text: string) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)) as unknown as Colour;

const written = (colour: Colour) => `#${colour.map((of) => Math.round(of).toString(16).padStart(2, '0')).join('')}`;

// contrast of two colours, from 1 to 21, as WCAG 2 defines it.
function contrast(a: Colour, b: Colour): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: Colour): number {
  const [r, g, b] = colour.map((of) => (of / 255 <= 0.04045 ? of / 255 / 12.92 : ((of / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
