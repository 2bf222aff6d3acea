import { question, useAsked } from './live';
import { PROGRAMS } from './queries';
import type { Named, Page } from './types';

const load = question<{ programs: Page<Named> }>(PROGRAMS);

const STEPS = [
  ['programCreate', 'A program that affiliates join, and where its visitors go.'],
  ['hostAdd', 'The shop its links may lead to.'],
  ['commissionPlanCreate, commissionPlanActivate', 'What it pays.'],
  ['affiliateCreate, linkCreate', 'Somebody who sells, and their link.'],
  ['conversionRecord', 'The first order. The numbers below move at once.'],
];

// Begin says to a merchant without a program how to get to the first order.
export function Begin() {
  const { data } = useAsked(load, ['program.'], []);
  if (!data || data.programs.edges.length) return null;
  return (
    <section class="card begin" aria-label="First steps">
      <h2>From here to the first order</h2>
      <p class="muted">Everything is done by the API. Try each step in the <a href="/explorer">explorer</a>.</p>
      <ol>{STEPS.map(([name, text]) => <li key={name}><code>{name}</code><span>{text}</span></li>)}</ol>
    </section>
  );
}
