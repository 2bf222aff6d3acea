import { useEffect } from 'preact/hooks';
import { ask } from './api';
import { Badge, Card, Nothing } from './Card';
import { count, stamp, words } from './format';
import { useAsked } from './live';
import { HEALTH, INTEGRATIONS } from './queries';
import type { Health, Integration, Page } from './types';

type Connected = Integration & { health?: Health; fault?: string };

async function load(): Promise<Connected[]> {
  const { integrations } = await ask<{ integrations: Page<Integration> }>(INTEGRATIONS);
  return Promise.all(integrations.edges.map(async ({ node }) => {
    try {
      return { ...node, health: (await ask<{ syncHealth: Health }>(HEALTH, { id: node.id })).syncHealth };
    } catch (cause) {
      return { ...node, fault: (cause as Error).message };
    }
  }));
}

const EVERY = 15_000;

// Sync tells how each connected shop and CRM is doing.
export function Sync({ zone }: { zone: string }) {
  const { data, fault, reload } = useAsked(load, [], []);
  useEffect(() => {
    const timer = setInterval(reload, EVERY);
    return () => clearInterval(timer);
  }, [reload]);
  return (
    <Card title="Connections" class="sync" fault={fault} waiting={!data}>
      {data && !data.length && <Nothing title="Nothing is connected">Connect a shop or a CRM with integrationCreate or integrationConnect; orders then come by themselves.</Nothing>}
      {data && data.length > 0 && <ul class="rows">{data.map((i) => <Connection key={i.id} of={i} zone={zone} />)}</ul>}
    </Card>
  );
}

function Connection({ of: i, zone }: { of: Connected; zone: string }) {
  const trouble = i.problem || i.health?.problem;
  return (
    <li class="connection">
      <span class="name">{i.name}</span>
      <span class="muted">{words(i.provider)}{i.account && ` · ${i.account}`}</span>
      <Badge of={i.health && i.health.breaker !== 'CLOSED' ? i.health.breaker : i.status} text={stateOf(i)} />
      <span class="muted why">{figures(i, zone)}</span>
      {trouble && <span class="why trouble">{trouble}</span>}
    </li>
  );
}

function stateOf({ status, health }: Connected): string {
  if (health?.breaker === 'OPEN') return 'Left alone for a while';
  if (health?.breaker === 'HALF_OPEN') return 'Being tried again';
  return words(status);
}

function figures({ health: h, fault, refused }: Connected, zone: string): string {
  const parts = fault ? [fault] : [];
  if (h) parts.push(h.pending ? `${count(h.pending)} waiting${h.oldestSince ? ` since ${stamp(h.oldestSince, zone)}` : ''}` : 'nothing waits');
  if (h?.dead) parts.push(`${count(h.dead)} refused for good: integrationSync leaves them to be tried again`);
  if (refused) parts.push(`${count(refused)} messages refused`);
  if (h?.workedAt) parts.push(`last written ${stamp(h.workedAt, zone)}`);
  return parts.join(' · ');
}
