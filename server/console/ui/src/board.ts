// What the leaderboard ranks. Sums come from the server's running sums; nothing
// is added up here but how many of the last orders carry the same word.
import { ask } from './api';
import { dayOf, words } from './format';
import { AFFILIATES, CONVERSIONS, PROGRAMS, sums } from './queries';
import type { Conversion, Named, Page, Totals } from './types';

export type By = 'affiliate' | 'program' | 'rule' | 'device' | 'country';
export type Measure = 'accrued' | 'sales' | 'conversions' | 'clicks';
export type Rank = { id: string; name: string; value: string };
export type Board = { by: By; measure: Measure; rows: Rank[]; note: string };

const ROOT_FIELDS = 20; // of one document, by the server's bounds
const SHOWN = 10;

export async function ranked(by: By, measure: Measure, home: { zone: string; currency: string }): Promise<Board> {
  const board = by === 'affiliate' || by === 'program' ? await bySums(by, measure, home) : await byOrders(by);
  const rows = board.rows.filter((r) => Number(r.value) !== 0).sort((a, b) => Number(b.value) - Number(a.value) || a.name.localeCompare(b.name));
  return { by, measure, rows: rows.slice(0, SHOWN), note: board.note };
}

async function bySums(by: 'affiliate' | 'program', measure: Measure, { zone, currency }: { zone: string; currency: string }) {
  const { list } = await named(by);
  const { edges, pageInfo } = list;
  const to = dayOf(new Date(), zone);
  const from = dayOf(new Date(Date.parse(to) - 29 * 86_400_000), 'UTC');
  const rows: Rank[] = [];
  for (let i = 0; i < edges.length; i += ROOT_FIELDS) {
    const part = edges.slice(i, i + ROOT_FIELDS).map((e) => e.node);
    const inputs = part.map((n, at) => [`i${at}`, { [`${by}Id`]: n.id, from, to }]);
    const answer = await ask<Record<string, { totals: Totals[] }>>(sums(part.length), Object.fromEntries(inputs));
    part.forEach((n, at) => rows.push({ id: n.id, name: n.name, value: valueOf(answer[`r${at}`].totals, measure, currency) }));
  }
  const note = `Last 30 days${measure === 'accrued' || measure === 'sales' ? `, in ${currency}` : ''}${pageInfo?.hasPreviousPage ? `, of the newest 100 ${by}s` : ''}.`;
  return { rows, note };
}

async function named(by: 'affiliate' | 'program'): Promise<{ list: Page<Named> }> {
  if (by === 'affiliate') return { list: (await ask<{ affiliates: Page<Named> }>(AFFILIATES)).affiliates };
  return { list: (await ask<{ programs: Page<Named> }>(PROGRAMS)).programs };
}

function valueOf(totals: Totals[], measure: Measure, currency: string): string {
  if (measure === 'accrued' || measure === 'sales') return totals.find((r) => r.currency === currency)?.[measure] ?? '0';
  return String(totals.reduce((n, r) => n + r[measure], 0));
}

async function byOrders(by: 'rule' | 'device' | 'country') {
  const { conversions } = await ask<{ conversions: Page<Conversion> }>(CONVERSIONS, { last: 100 });
  const counts = new Map<string, number>();
  for (const { node } of conversions.edges) {
    const value = by === 'rule' ? node.attribution?.rule : node[by];
    const name = !value || value === 'UNKNOWN' ? 'Unknown' : by === 'country' ? value : words(value);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return { rows: [...counts].map(([name, n]) => ({ id: name, name, value: String(n) })), note: 'Orders among the last 100.' };
}
