// What the leaderboard and the funnel show: reports of the last thirty days, counted
// and ranked by the server.
import { ask } from './api';
import { dayOf, words } from './format';
import { namesOf, REPORT, THIRTY } from './queries';
import type { Named, Numbers, ReportRow } from './types';

export type By = 'affiliate' | 'program' | 'country' | 'device' | 'channel' | 'coupon';
export type Measure = 'commission' | 'sales' | 'conversions' | 'clicks';
export type Rank = { id: string; name: string; value: string };
export type Board = { by: By; measure: Measure; rows: Rank[]; note: string };
export type Home = { zone: string; currency: string };

const SHOWN = 10;
const KEYS = { affiliate: 'affiliateId', program: 'programId', country: 'country', device: 'device', channel: 'channel', coupon: 'coupon' } as const;

// counted says whether clicks are known of a breakdown.
export const counted = (by: By) => by === 'affiliate' || by === 'program';

// month gives the last thirty days in a zone.
export function month(zone: string): { from: string; to: string } {
  const to = dayOf(new Date(), zone);
  return { from: dayOf(new Date(Date.parse(to) - 29 * 86_400_000), 'UTC'), to };
}

export async function ranked(by: By, measure: Measure, { zone, currency }: Home): Promise<Board> {
  const money = measure === 'commission' || measure === 'sales';
  const input = { ...month(zone), timeZone: zone, dateBasis: 'CONVERSION', dimensions: [by.toUpperCase()], top: SHOWN + 1, orderBy: measure.toUpperCase(), currency: money ? currency : undefined };
  const { report } = await ask<{ report: { rows: ReportRow[] } }>(REPORT, { input });
  const rows = report.rows
    .map((r) => ({ id: r[KEYS[by]] ?? '', value: valueOf(r.numbers, measure, currency) }))
    .filter((r) => r.id && Number(r.value) !== 0)
    .slice(0, SHOWN);
  const names = counted(by) ? await named(rows.map((r) => r.id)) : new Map<string, string>();
  const name = (id: string) => names.get(id) ?? (by === 'country' || by === 'coupon' ? id : words(id));
  return { by, measure, rows: rows.map((r) => ({ ...r, name: name(r.id) })), note: `Last 30 days${money ? `, in ${currency}` : ''}.` };
}

function valueOf(numbers: Numbers, measure: Measure, currency: string): string {
  if (measure === 'clicks') return String(numbers.clicks ?? 0);
  if (measure === 'conversions') return String(numbers.conversions);
  return numbers.amounts.find((a) => a.currency === currency)?.[measure] ?? '0';
}

async function named(ids: string[]): Promise<Map<string, string>> {
  if (!ids.length) return new Map();
  const found = await ask<Record<string, Named | null>>(namesOf(ids.length), Object.fromEntries(ids.map((id, i) => [`i${i}`, id])));
  return new Map(Object.values(found).flatMap((n) => (n ? [[n.id, n.name] as const] : [])));
}

export type Step = { name: string; label: string; count: number; of: number };
export type Steps = { steps: Step[]; money?: { sales: string; commission: string; approved: string }; currency: string };

// stepped is how many come how far: from clicks by visitors to orders.
export async function stepped({ zone, currency }: Home): Promise<Steps> {
  const { report } = await ask<{ report: { totals: Numbers } }>(THIRTY, { input: { ...month(zone), timeZone: zone, dateBasis: 'CLICK' } });
  const t = report.totals;
  const all = (t.clicks ?? 0) + (t.clicksUnpayable ?? 0);
  const steps = [
    { name: 'clicks', label: 'Clicks', count: all, of: all },
    { name: 'visitors', label: 'Visitors', count: t.clicksUnique ?? 0, of: all },
    { name: 'orders', label: 'Orders', count: t.conversions, of: t.clicksUnique ?? 0 },
  ];
  return { steps, money: t.amounts.find((a) => a.currency === currency), currency };
}
