// How numbers, money and instants are written. Amounts stay decimal strings.
import type { Money } from './types';

const money = new Map<string, Intl.NumberFormat>();

// cash writes an amount exactly as the server gave it.
export function cash({ amount, currency }: Money): string {
  let format = money.get(currency);
  if (!format) money.set(currency, (format = new Intl.NumberFormat(undefined, { style: 'currency', currency })));
  return format.format(amount as unknown as number);
}

const whole = new Intl.NumberFormat();
export const count = (n: number) => whole.format(n);

// words makes an API constant readable: PARTIALLY_REFUNDED, Partially refunded.
export const words = (constant: string) => constant.charAt(0) + constant.slice(1).toLowerCase().replaceAll('_', ' ');

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  let format = formats.get(key);
  if (!format) formats.set(key, (format = new Intl.DateTimeFormat(undefined, { timeZone: zone, ...options })));
  return format;
}

export const clock = (at: string, zone: string) => formatOf(zone, { timeStyle: 'medium' }).format(new Date(at));
export const moment = (at: string, zone: string) => formatOf(zone, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
export const stamp = (at: string, zone: string) =>
  dayOf(new Date(at), zone) === dayOf(new Date(), zone) ? clock(at, zone) : formatOf(zone, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' }).format(new Date(at));

// dayOf is the day of an instant in a zone, as 2026-03-31.
export const dayOf = (at: Date, zone: string) => new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);
