// Every document the console sends.
const SESSION = '{ refreshToken challenge merchantId userErrors { message } }';

export const LOG_IN = `mutation LogIn($input: LogInInput!) { logIn(input: $input) ${SESSION} }`;
export const SECOND_FACTOR = `mutation SecondFactor($input: LogInSecondFactorInput!) { logInSecondFactor(input: $input) ${SESSION} }`;
export const SIGN_UP = `mutation SignUp($input: SignUpInput!) { signUp(input: $input) ${SESSION} }`;
export const VERIFY = 'mutation Verify($input: EmailVerifyInput!) { emailVerify(input: $input) { verified userErrors { message } } }';
export const SWITCH = 'mutation Switch($input: SessionSwitchInput!) { sessionSwitch(input: $input) { accessToken merchantId userErrors { message } } }';

export const VIEWER = `query Viewer { viewer {
  role scopes merchant { id name mode currency timeZone } affiliate { id name }
  memberships { merchantId merchantName mode role } account { email }
} }`;

const ROW = '{ day currency clicks conversions sales refunded accrued approved paid }';

export const LIVE = `subscription Live { liveStats { cursor at today ${ROW} total ${ROW} } }`;
export const EVENTS = 'subscription Events($after: String) { events(after: $after) { cursor type at subjectId } }';
export const DAYS = `query Days($input: StatsInput!) { stats(input: $input) { days ${ROW} } }`;

export const CONVERSIONS = `query Conversions($last: Int!) { conversions(last: $last) { edges { node {
  id orderNumber externalID occurredAt kind status rating country device
  base { amount currency } attribution { rule affiliate { id name } }
  commissions { id level net { amount currency } }
} } } }`;

export const EXPLAIN = `query Explain($id: ID!) { node(id: $id) { ... on Conversion {
  id orderNumber externalID occurredAt kind status rating ratingReason source
  base { amount currency } refunded { amount currency }
  attribution { rule reason decidedAt affiliate { id name } policy { model windowDays } touches { touchId kind affiliateId at won share excluded } }
  commissions { id level status reason dueAt amount { amount currency } net { amount currency } affiliate { id name }
    explanation { steps { name text after { amount currency } } levels { text outcome } } }
} } }`;

export const AFFILIATES = 'query Affiliates { affiliates(last: 100) { edges { node { id name } } pageInfo { hasPreviousPage } } }';
export const PROGRAMS = 'query Programs { programs(last: 100) { edges { node { id name } } pageInfo { hasPreviousPage } } }';

// sums asks for the totals of several filters at once; the bounds allow twenty.
export function sums(count: number): string {
  const each = Array.from({ length: count }, (_, i) => i);
  return `query Sums(${each.map((i) => `$i${i}: StatsInput!`).join(' ')}) {
    ${each.map((i) => `r${i}: stats(input: $i${i}) { totals { currency clicks conversions sales accrued } }`).join('\n')} }`;
}

export const PAYOUTS = `query Payouts { payouts(last: 20) { edges { node {
  id createdAt status reference reason settledAt amount { amount currency } affiliate { id name } batch { batchKey rail }
} } } }`;

export const BALANCES = `query Balances { balances {
  currency pending { amount currency } payable { amount currency } reserved { amount currency } paid { amount currency }
} }`;

export const LINKS = 'query Links { links(last: 20) { edges { node { id url destination status } } } }';

export const INTEGRATIONS = 'query Integrations { integrations(last: 20) { edges { node { id name provider status account problem refused checkedAt } } } }';
export const HEALTH = 'query Health($id: ID!) { syncHealth(integrationId: $id) { pending oldestSince dead failures breaker pausedUntil workedAt failedAt problem } }';
