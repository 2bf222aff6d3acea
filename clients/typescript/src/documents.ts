/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Approves an application: the affiliate may earn. */
export type AffiliateApproveInput = {
  /** The id. */
  id: string;
  /** The version you saw; another one is answered with CONFLICT. */
  expectedVersion?: number | null | undefined;
  /** Why, for the record. */
  reason?: string | null | undefined;
};

/** Makes an affiliate, active at once. */
export type AffiliateCreateInput = {
  /** A repeat with the same key has no second effect and gets the same answer. */
  idempotencyKey?: string | null | undefined;
  /** Name. */
  name: string;
  /** E-mail. */
  email: string;
  /** Group. */
  groupId?: string | null | undefined;
  /** Who recruited the affiliate. */
  parentId?: string | null | undefined;
  /** Programs to enroll in. */
  programIds?: Array<string> | null | undefined;
};

/** AffiliateStatus is enum for the field status */
export type AffiliateStatus =
  /** Pending. */
  | 'PENDING'
  /** Active. */
  | 'ACTIVE'
  /** Suspended. */
  | 'SUSPENDED'
  /** Rejected. */
  | 'REJECTED'
  /** Archived. */
  | 'ARCHIVED';

/** Approves commissions: they become payable. */
export type CommissionApproveInput = {
  /** A repeat with the same key has no second effect and gets the same answer. */
  idempotencyKey?: string | null | undefined;
  /** At most 100. */
  ids: Array<string>;
};

/** Puts new terms into force. Commissions already made keep theirs. */
export type CommissionPlanActivateInput = {
  /** A repeat with the same key has no second effect and gets the same answer. */
  idempotencyKey?: string | null | undefined;
  /** The plan. */
  planId: string;
  /** What is earned. Of several rules for a line precedence chooses. */
  rules: Array<PlanRuleInput>;
  /** Which rules pay on a line for which several are; MOST_SPECIFIC when absent. */
  precedence?: PlanPrecedence | null | undefined;
  /** What lines are commissioned on beside their amount after discount. */
  base?: PlanBaseInput | null | undefined;
  /** The most that is paid in a period. */
  caps?: Array<PlanCapInput> | null | undefined;
  /** What is paid beside commission, at most 20; caps do not count it. */
  bonuses?: Array<PlanBonusInput> | null | undefined;
  /** Whether a payment that was given back in full does not count among the customer's payments. Who began to pay under rules that look at payments stays under them. */
  reanchor?: boolean | null | undefined;
  /** Days of hold. */
  holdDays?: number | null | undefined;
  /** What the hold is counted from; EVENT when absent. */
  holdFrom?: PlanHoldFrom | null | undefined;
  /** Approve when the hold ends. */
  autoApprove?: boolean | null | undefined;
  /** How a refund treats fixed amounts; PROPORTIONAL when absent. */
  refundPolicy?: RefundPolicyInput | null | undefined;
  /** Who bears what is given back of commission that was paid out; RECOVER when absent. */
  recovery?: RecoveryInput | null | undefined;
  /** What the upline of a seller earns on its sales; nothing when absent. */
  levels?: PlanLevelsInput | null | undefined;
  /** First instant; now when absent. The first terms a program ever gets cover every event still accepted. */
  validFrom?: string | null | undefined;
  /** What clicks are paid: of terms for the affiliate, its group and the program, the first there are. Nothing when absent. */
  clicks?: Array<PlanClicksInput> | null | undefined;
  /** Percent of a sale that is left to pay from: terms that pay more are told of. None when absent. */
  marginPercent?: string | null | undefined;
  /** Findings of severity ERROR with which the terms are put into force all the same. */
  acceptFindings?: Array<PlanFindingCode> | null | undefined;
  /** What becomes of sales whose click was before these terms; NEW_TERMS when absent. */
  earlierClicks?: EarlierClicksInput | null | undefined;
};

/** Makes a plan without terms. */
export type CommissionPlanCreateInput = {
  /** A repeat with the same key has no second effect and gets the same answer. */
  idempotencyKey?: string | null | undefined;
  /** The program. */
  programId: string;
  /** Name. */
  name: string;
};

/** CommissionStatus is enum for the field status */
export type CommissionStatus =
  /** Pending. */
  | 'PENDING'
  /** Approved. */
  | 'APPROVED'
  /** Rejected. */
  | 'REJECTED'
  /** Reversed. */
  | 'REVERSED';

/** ConversionDevice is enum for the field device */
export type ConversionDevice =
  /** Unknown. */
  | 'UNKNOWN'
  /** Desktop. */
  | 'DESKTOP'
  /** Mobile. */
  | 'MOBILE'
  /** Tablet. */
  | 'TABLET'
  /** Other. */
  | 'OTHER';

/** ConversionKind is enum for the field kind */
export type ConversionKind =
  /** Sale. */
  | 'SALE'
  /** Lead. */
  | 'LEAD'
  /** Signup. */
  | 'SIGNUP';

/** Reports an order, a lead or a sign-up. The same order twice is one conversion. */
export type ConversionRecordInput = {
  /** A repeat with the same key has no second effect and gets the same answer. */
  idempotencyKey?: string | null | undefined;
  /** The program. */
  programId: string;
  /** The shop's own order id. */
  externalId: string;
  /** The number people see. */
  orderNumber?: string | null | undefined;
  /** SALE when absent. */
  kind?: ConversionKind | null | undefined;
  /** PAID earns; PENDING waits for it. */
  status?: OrderStatus | null | undefined;
  /** When it happened; now when absent. */
  occurredAt?: string | null | undefined;
  /** What the buyer paid in all; the sum of the lines when absent. */
  total?: MoneyInput | null | undefined;
  /** What was bought. A sale needs at least one line or a total. */
  lines?: Array<OrderLineInput> | null | undefined;
  /** Tax in the total. */
  tax?: MoneyInput | null | undefined;
  /** Shipping in the total. */
  shipping?: MoneyInput | null | undefined;
  /** Discount already taken off the lines. */
  discount?: MoneyInput | null | undefined;
  /** The buyer. */
  customer?: CustomerInput | null | undefined;
  /** What the redirect put into the address as trb_click. */
  clickToken?: string | null | undefined;
  /** Codes the buyer used. */
  couponCodes?: Array<string> | null | undefined;
  /** Labels. */
  subIds?: Record<string, string> | null | undefined;
  /** Who reports; api when absent. */
  source?: string | null | undefined;
  /** Sets apart shops whose order ids overlap. */
  orderScope?: string | null | undefined;
  /** Orders messages about one order; an older one never overwrites. */
  version?: string | null | undefined;
  /** The buyer's country, ISO 3166-1 alpha-2 in capitals. */
  country?: string | null | undefined;
  /** What the buyer ordered on; else what a label device of the link, the click or the order says. */
  device?: ConversionDevice | null | undefined;
  /** Through which it was placed, in at most 64 bytes; else what a label channel says. */
  channel?: string | null | undefined;
  /** Custom fields of the order, at most 20; never personal. */
  fields?: Array<CustomFieldInput> | null | undefined;
};

/** ConversionStatus is enum for the field status */
export type ConversionStatus =
  /** Pending. */
  | 'PENDING'
  /** Accepted. */
  | 'ACCEPTED'
  /** Partially refunded. */
  | 'PARTIALLY_REFUNDED'
  /** Refunded. */
  | 'REFUNDED'
  /** Cancelled. */
  | 'CANCELLED'
  /** Charged back. */
  | 'CHARGED_BACK';

/** A custom field: a name, and a value of one type. */
export type CustomFieldInput = {
  /** 1 to 32 of a–z, A–Z, 0–9, _ and -. */
  name: string;
  /** A text of at most 255 bytes. */
  text?: string | null | undefined;
  /** A decimal of at most 12 digits before the point and 6 after it. */
  number?: string | null | undefined;
  /** A truth value. */
  boolean?: boolean | null | undefined;
};

/** The type of a custom field. */
export type CustomFieldKind =
  /** A text. */
  | 'TEXT'
  /** A decimal. */
  | 'NUMBER'
  /** True or false. */
  | 'BOOLEAN';

/** The buyer. Kept sealed. */
export type CustomerInput = {
  /** The shop's own customer id. */
  externalId?: string | null | undefined;
  /** E-mail. */
  email?: string | null | undefined;
  /** Name. */
  name?: string | null | undefined;
  /** Custom fields, at most 20; never personal. Terms look at what the order itself tells. */
  fields?: Array<CustomFieldInput> | null | undefined;
};

/** By which date a report counts. A click counts for when it was opened, by each of them but PAYOUT. */
export type DateBasis =
  /** When the click was opened that a conversion came from; when it happened, where no click is known. */
  | 'CLICK'
  /** When the conversion happened. */
  | 'CONVERSION'
  /** When commission became payable. What never did is not counted. */
  | 'APPROVAL'
  /** When payouts were settled: payouts alone are counted, by affiliate and currency. They are of no one program. */
  | 'PAYOUT';

/** Ways with sales whose touch was before new terms. */
export type EarlierClicks =
  /** A sale is under the terms of its own day. */
  | 'NEW_TERMS'
  /** Within the days of grace a sale is under the terms that were in force at the touch, for each affiliate with credit by its own. */
  | 'EARLIER_TERMS';

/** What becomes of sales whose touch was before new terms. */
export type EarlierClicksInput = {
  /** The way. */
  kind: EarlierClicks;
  /** For EARLIER_TERMS: days from the first instant of the new terms, 1 to 400. */
  graceDays?: number | null | undefined;
};

/** Allows a host for a program: as a destination, or to serve links. */
export type HostAddInput = {
  /** A repeat with the same key has no second effect and gets the same answer. */
  idempotencyKey?: string | null | undefined;
  /** The program. */
  programId: string;
  /** Host name without port, such as shop.example. */
  name: string;
  /** DESTINATION when absent. */
  purpose?: HostPurpose | null | undefined;
};

/** HostPurpose is enum for the field purpose */
export type HostPurpose =
  /** Destination. */
  | 'DESTINATION'
  /** Tracking. */
  | 'TRACKING';

/** Makes a link. It works the moment this returns. */
export type LinkCreateInput = {
  /** A repeat with the same key has no second effect and gets the same answer. */
  idempotencyKey?: string | null | undefined;
  /** The program. */
  programId: string;
  /** Who earns; yourself when you are an affiliate. */
  affiliateId?: string | null | undefined;
  /** Where visitors go: http(s) on one of the program's hosts. */
  destination: string;
  /** Last part of the address; made for you when absent. */
  slug?: string | null | undefined;
  /** One of the merchant's own hosts to serve it; the platform's when absent. */
  hostId?: string | null | undefined;
  /** Labels carried to clicks and conversions. */
  subIds?: Record<string, string> | null | undefined;
};

/** Credentials. */
export type LogInInput = {
  /** Log-in name. */
  email: string;
  /** The password. */
  password: string;
  /** Where to go first, for a person of several merchants. */
  merchantId?: string | null | undefined;
};

/** An exact amount of money in one currency, as input. More digits than the currency has are refused, never rounded. */
export type MoneyInput = {
  /** The amount as a decimal string. */
  amount: string;
  /** The currency. */
  currency: string;
};

/** One line of an order. */
export type OrderLineInput = {
  /** The shop's id of the line; its place when absent. */
  externalId?: string | null | undefined;
  /** The shop's product id. */
  productId?: string | null | undefined;
  /** Stock keeping unit. */
  sku?: string | null | undefined;
  /** The product's category. */
  category?: string | null | undefined;
  /** What was bought. */
  title?: string | null | undefined;
  /** How many; 1 when absent. */
  quantity?: number | null | undefined;
  /** The whole line after its discounts, before tax. */
  amount: MoneyInput;
  /** Tax of the line. */
  tax?: MoneyInput | null | undefined;
  /** Discount already taken off. */
  discount?: MoneyInput | null | undefined;
  /** Gift cards earn nothing. */
  giftCard?: boolean | null | undefined;
};

/** Where an order stands at the shop. */
export type OrderStatus =
  /** Not paid yet: recorded, earns nothing. */
  | 'PENDING'
  /** Paid: earns. */
  | 'PAID';

/** Releases a batch for sending. */
export type PayoutBatchApproveInput = {
  /** A repeat with the same key has no second effect and gets the same answer. */
  idempotencyKey?: string | null | undefined;
  /** The id. */
  id: string;
  /** The version you saw; another one is answered with CONFLICT. */
  expectedVersion?: number | null | undefined;
};

/** Makes a batch of everything payable above the threshold in one currency, and reserves it. */
export type PayoutBatchCreateInput = {
  /** A repeat with the same key has no second effect and gets the same answer. */
  idempotencyKey?: string | null | undefined;
  /** Names the run, such as 2026-03; the same key is the same batch. */
  batchKey: string;
  /** The currency. */
  currency: string;
  /** The way; MANUAL when absent. */
  rail?: PayoutBatchRail | null | undefined;
  /** Smallest pay-out; the programs' threshold when absent. */
  threshold?: MoneyInput | null | undefined;
  /** Only these affiliates. */
  affiliateIds?: Array<string> | null | undefined;
};

/** PayoutBatchRail is enum for the field rail */
export type PayoutBatchRail =
  /** Manual. */
  | 'MANUAL'
  /** Csv. */
  | 'CSV';

/** PayoutBatchStatus is enum for the field status */
export type PayoutBatchStatus =
  /** Reserved. */
  | 'RESERVED'
  /** Approved. */
  | 'APPROVED'
  /** Settled. */
  | 'SETTLED'
  /** Cancelled. */
  | 'CANCELLED'
  /** Failed. */
  | 'FAILED';

/** What lines are commissioned on beside their amount after discount. What the order says and no line does is spread over the lines by their amounts. */
export type PlanBaseInput = {
  /** With tax. */
  tax?: boolean | null | undefined;
  /** With shipping. */
  shipping?: boolean | null | undefined;
  /** Before discount. */
  discount?: boolean | null | undefined;
  /** Gift cards earn too. */
  giftCards?: boolean | null | undefined;
};

/** An amount paid once: for a goal, for joining, or for who recruited. Each is a commission of its own kind, with the hold of the terms. */
export type PlanBonusInput = {
  /** 1 to 32 of a–z, A–Z, 0–9, _ and -. A bonus of the same name in other terms of the program is the same one: it is not paid twice. */
  name: string;
  /** What it is for. */
  kind: PlanBonusKind;
  /** How much. */
  amount: MoneyInput;
  /** For GOAL: what is counted, of the affiliate's own sales in the program that were not rejected. */
  metric?: PlanTierMetric | null | undefined;
  /** For GOAL: how long it is counted; ALWAYS when absent. */
  period?: PlanPeriod | null | undefined;
  /** For GOAL by COUNT: how many. */
  count?: number | null | undefined;
  /** For GOAL by REVENUE and COMMISSION: how much, in the currency of the amount. */
  goal?: MoneyInput | null | undefined;
  /** For GOAL: paid for each multiple of it in a period, at most 100 times. */
  every?: boolean | null | undefined;
  /** For GOAL: kept when refunds take the sum below the goal; else it is taken back while it is not paid out, and given again when the goal is reached again. */
  keep?: boolean | null | undefined;
  /** For RECRUITER: paid when the first sale of the recruit is approved; else when the recruit's place in the program becomes active. */
  firstSale?: boolean | null | undefined;
};

/** What a bonus is for. */
export type PlanBonusKind =
  /** For an affiliate that reaches a goal. */
  | 'GOAL'
  /** For an affiliate whose place in the program becomes active. */
  | 'SIGNUP'
  /** For whoever recruited the affiliate, while active. */
  | 'RECRUITER';

/** Whether a buyer has bought before. */
export type PlanBuyer =
  /** No earlier order stands. */
  | 'NEW'
  /** An earlier order stands. */
  | 'RETURNING';

/** The most that is paid in a period, of commission in its currency. */
export type PlanCapInput = {
  /** Whose commission is counted. */
  scope: PlanCapScope;
  /** How long it is counted, on the clocks of the program. */
  period: PlanPeriod;
  /** The most. */
  amount: MoneyInput;
  /** What becomes of a commission that would pass it; CUT when absent. */
  over?: PlanCapOver | null | undefined;
};

/** What becomes of a commission that would pass a cap. */
export type PlanCapOver =
  /** What still fits is paid. */
  | 'CUT'
  /** None of it is paid. */
  | 'NOTHING';

/** Whose commission a cap counts. */
export type PlanCapScope =
  /** Of each affiliate in the program. */
  | 'AFFILIATE'
  /** Of all of them together: a budget. */
  | 'PROGRAM';

/** What clicks are paid. Of an affiliate's clicks of a day in the program's time zone there is one commission of the kind CLICK, made about an hour after the day, under the terms that were in force at its first instant; rows that come later earn what they add. Robots, what repeats within minutes and stopped links are never paid. Caps, tiers and levels do not count it. */
export type PlanClicksInput = {
  /** Whom it is for; PROGRAM when absent. */
  level?: PlanRuleLevel | null | undefined;
  /** The group or affiliate. */
  targetId?: string | null | undefined;
  /** For each click that is paid; zero pays none. */
  amount: MoneyInput;
  /** Several clicks of one network on a day are paid; else the first alone. */
  repeats?: boolean | null | undefined;
  /** Each click of visitors who allow no identifiers is paid, whom nobody can tell apart; else none of them. */
  unidentified?: boolean | null | undefined;
  /** The most that are paid on a day, 1 to 1000000; no maximum when absent. */
  maxPerDay?: number | null | undefined;
};

/** How a custom field is compared. */
export type PlanComparison =
  /** It is the value. */
  | 'IS'
  /** It is there and is not the value. */
  | 'IS_NOT'
  /** It is one of the values. */
  | 'ONE_OF'
  /** It is a number not below the value. */
  | 'AT_LEAST'
  /** It is a number below the value. */
  | 'BELOW';

/** What must be true of a line and its order: everything that is said. Of a list, one value. */
export type PlanConditionInput = {
  /** All of these hold. */
  all?: Array<PlanConditionInput> | null | undefined;
  /** One of these holds. */
  any?: Array<PlanConditionInput> | null | undefined;
  /** This does not hold. */
  not?: PlanConditionInput | null | undefined;
  /** The line's product. */
  productIds?: Array<string> | null | undefined;
  /** The line's stock keeping unit. */
  skus?: Array<string> | null | undefined;
  /** A code the buyer used, in any case. */
  couponCodes?: Array<string> | null | undefined;
  /** Who has credit. */
  affiliateIds?: Array<string> | null | undefined;
  /** The group, in the program, of who has credit. */
  groupIds?: Array<string> | null | undefined;
  /** Whether the buyer has bought before; never true of an order that names nobody. */
  buyers?: Array<PlanBuyer> | null | undefined;
  /** What was achieved. */
  kinds?: Array<ConversionKind> | null | undefined;
  /** Labels of the order: each of them has one of its values. */
  subIds?: Array<PlanSubIdInput> | null | undefined;
  /** The order's lines after discount come to this or more. */
  orderAtLeast?: MoneyInput | null | undefined;
  /** The order's lines after discount come to less. */
  orderBelow?: MoneyInput | null | undefined;
  /** Which paid order of the customer in the program it is; the first is 1. Orders of nothing are not counted, and no payment. */
  payments?: PlanSpanInput | null | undefined;
  /** Whole months since the customer's first paid order in the program, in its time zone. */
  months?: PlanSpanInput | null | undefined;
  /** The buyer's country, ISO 3166-1 alpha-2 in capitals; never true of an order of which it is not known. */
  countries?: Array<string> | null | undefined;
  /** What the buyer ordered on; UNKNOWN names nothing. */
  devices?: Array<ConversionDevice> | null | undefined;
  /** Through which the order was placed; never true where it is not known. */
  channels?: Array<string> | null | undefined;
  /** The category of the line's product. */
  categories?: Array<string> | null | undefined;
  /** Custom fields: all of these. */
  fields?: Array<PlanFieldTestInput> | null | undefined;
};

/** A time of the week. */
export type PlanDayPartInput = {
  /** The days. */
  days: Array<Weekday>;
  /** From this minute of the day, counted from midnight. */
  fromMinute: number;
  /** Until this minute, at most 1440; a part over midnight is two. */
  untilMinute: number;
};

/** What a custom field is of. */
export type PlanFieldOf =
  /** The order. */
  | 'ORDER'
  /** The buyer, as the order told it. */
  | 'CUSTOMER'
  /** Who has credit. */
  | 'AFFILIATE'
  /** The buyer, as a CRM or the merchant had described them when the order became theirs: the texts segment and lifecycle_stage. */
  | 'PROFILE';

/** What a custom field must be. One that is not there, or is of another type, is never that. */
export type PlanFieldTestInput = {
  /** What it is of. */
  of: PlanFieldOf;
  /** Its name. */
  name: string;
  /** Its type. */
  kind: CustomFieldKind;
  /** How it is compared. */
  compare: PlanComparison;
  /** With what: one value, for ONE_OF any number. */
  values: Array<string>;
};

/** What may be found in terms. */
export type PlanFindingCode =
  /** A rule's condition contradicts itself, or whom the rule is for. Instead: what the rule would pay without it. */
  | 'CONDITION_NEVER_HOLDS'
  /** One of the alternatives of a condition contradicts the rest. Instead: what the rule would pay without a condition. */
  | 'ALTERNATIVE_NEVER_HOLDS'
  /** A rule is over before the terms begin, or its hours miss its dates. Instead: what it would pay without them. */
  | 'DATES_NEVER_COME'
  /** Other rules take all orders of a rule. Instead: what the rule would pay alone. */
  | 'RULE_UNREACHABLE'
  /** Which of two rules pays is decided by their written order alone. Instead: what the second would pay alone. */
  | 'RULES_OVERLAP'
  /** Two rules that are alike both pay. Instead: what one of them pays. */
  | 'RULE_TWICE'
  /** A rule that pays nothing keeps no other from paying. Instead: what is paid without it. */
  | 'RULE_WITHOUT_EFFECT'
  /** A rule or cap is for a currency that the program does not use. Instead: what is paid without it. */
  | 'CURRENCY_UNUSED'
  /** A tier pays less than what holds below it. Instead: what that pays. */
  | 'TIER_PAYS_LESS'
  /** A tier pays what holds below it. Instead: what that pays. */
  | 'TIER_CHANGES_NOTHING'
  /** A cap keeps commission below a tier's threshold. Instead: what the tier would pay. */
  | 'TIER_OUT_OF_REACH'
  /** A cap is below what a rule promises for one order. Instead: what would be paid without caps. */
  | 'CAP_BELOW_RULE'
  /** Another cap is always reached before. Instead: what is paid without it. */
  | 'CAP_WITHOUT_EFFECT'
  /** A rule's maximum is below its fixed amount. Instead: what would be paid without the maximum. */
  | 'MOST_BELOW_FIXED'
  /** The least that a rule pays is its most. Instead: what would be paid without them. */
  | 'BOUNDS_FIX_AMOUNT'
  /** A rule for leads or sign-ups alone pays nothing on one without an amount. Instead: what it pays on one with an amount. */
  | 'LEAD_PAYS_NOTHING'
  /** No rule is for some sale. */
  | 'ORDER_WITHOUT_RULE'
  /** More is paid than the margin named. Instead: the margin on the order. */
  | 'PAYS_ABOVE_MARGIN'
  /** More is paid than was sold. Instead: what was sold. */
  | 'PAYS_ABOVE_SALE';

/** What a hold is counted from. */
export type PlanHoldFrom =
  /** From the event. */
  | 'EVENT'
  /** From approval: an approved commission becomes payable when its hold ends. With autoApprove it is approved at once. */
  | 'APPROVAL';

/** Who is cut when a maximum is passed. */
export type PlanLevelCut =
  /** The levels are paid from the seller upwards until nothing is left. */
  | 'FARTHEST_FIRST'
  /** All levels alike, in proportion. */
  | 'PROPORTIONAL';

/** What a level earns. */
export type PlanLevelInput = {
  /** What the percentage is of. */
  mode: PlanLevelMode;
  /** The percentage. */
  percent: string;
};

/** What the percentage of a level is of. */
export type PlanLevelMode =
  /** Of the sale's base. */
  | 'OF_SALE'
  /** Of the nearest commission below that is paid or held: the seller's at the first level. */
  | 'OF_LOWER'
  /** Of the sale's base, less all that is earned on the sale below; nothing when that is more. */
  | 'NET_OVERRIDE';

/** What becomes of the level of somebody who may not earn. */
export type PlanLevelPolicy =
  /** The level is lost. */
  | 'SKIP'
  /** The next who may earn moves down into it. */
  | 'COMPRESS'
  /** It is reckoned and waits until its owner is active again. Of the buyer, or an archived affiliate, it is lost. */
  | 'HOLD'
  /** It and all levels above are lost. */
  | 'STOP';

/** What the upline of a seller earns on its sales: the recruiter at the first level, who recruited that one at the second, and so on. */
export type PlanLevelsInput = {
  /** What each level earns, from the seller's recruiter upwards; 1 to 100. */
  terms: Array<PlanLevelInput>;
  /** Whether the last of them holds for every further level; no when absent. At most 99 above a seller earn. */
  andAbove?: boolean | null | undefined;
  /** What becomes of the level of somebody who is not active in the program, or is the buyer; SKIP when absent. */
  onInactive?: PlanLevelPolicy | null | undefined;
  /** What becomes of the level of somebody who has not sold enough; SKIP when absent. */
  onUnqualified?: PlanLevelPolicy | null | undefined;
  /** What somebody must have sold itself to earn on others. */
  qualification?: PlanQualificationInput | null | undefined;
  /** The most that a seller and its levels earn together, in percent of the sale. The seller is never cut. */
  maxPercent?: string | null | undefined;
  /** Who is cut when that is passed; FARTHEST_FIRST when absent. */
  cut?: PlanLevelCut | null | undefined;
};

/** How long something is counted, on the clocks of the program. */
export type PlanPeriod =
  /** A day. */
  | 'DAY'
  /** A month of the calendar. */
  | 'MONTH'
  /** A quarter of the calendar. */
  | 'QUARTER'
  /** A year of the calendar. */
  | 'YEAR'
  /** Without end. */
  | 'ALWAYS';

/** Which rules pay on a line for which several are. */
export type PlanPrecedence =
  /** The first of the most specific level that has any: affiliate, then group, then program. */
  | 'MOST_SPECIFIC'
  /** The first, as written. */
  | 'FIRST_MATCH'
  /** The one that pays most on the line. */
  | 'BEST'
  /** All of them. */
  | 'SUM';

/** What somebody must have sold itself in a program to earn on others: both. */
export type PlanQualificationInput = {
  /** How many days before the sale are looked at, 1 to 366. */
  days: number;
  /** Sales that stand, at least so many. */
  sales?: number | null | undefined;
  /** What they come to after what was given back, at least so much; sales in its currency count. */
  amount?: MoneyInput | null | undefined;
};

/** What a plan pays. */
export type PlanRuleInput = {
  /** Whom it applies to. */
  level: PlanRuleLevel;
  /** The group or affiliate; none for the program. */
  targetId?: string | null | undefined;
  /** PERCENT, FIXED or both. */
  kind: PlanRuleKind;
  /** Percent of the base, as a decimal string such as 12.5. */
  percent?: string | null | undefined;
  /** Amount for each conversion; applies to its own currency only. */
  fixed?: MoneyInput | null | undefined;
  /** Whether a fixed amount is paid on a base of zero. */
  payOnZero?: boolean | null | undefined;
  /** What must be true of a line and its order; every line when absent. */
  when?: PlanConditionInput | null | undefined;
  /** First instant of the event at which the rule is there. */
  from?: string | null | undefined;
  /** First instant of the event at which it is no more. */
  until?: string | null | undefined;
  /** Times of the week at which it is there, in the program's time zone; always when absent. */
  dayParts?: Array<PlanDayPartInput> | null | undefined;
  /** Least paid on a line that is commissioned. */
  minPerLine?: MoneyInput | null | undefined;
  /** Most paid on a line. */
  maxPerLine?: MoneyInput | null | undefined;
  /** Least paid on the lines of an order that the rule pays on. */
  minPerOrder?: MoneyInput | null | undefined;
  /** Most paid on the lines of an order that the rule pays on. */
  maxPerOrder?: MoneyInput | null | undefined;
  /** Other terms by what the affiliate has sold in a period. */
  tiers?: PlanTiersInput | null | undefined;
};

/** How a rule pays. */
export type PlanRuleKind =
  /** Percent of the base. */
  | 'PERCENT'
  /** An amount for each conversion. */
  | 'FIXED'
  /** Percent of the base, and an amount for each conversion. */
  | 'PERCENT_AND_FIXED';

/** Whom a rule applies to. */
export type PlanRuleLevel =
  /** Everyone in the program. */
  | 'PROGRAM'
  /** A group of affiliates. */
  | 'GROUP'
  /** One affiliate. */
  | 'AFFILIATE';

/** A range of whole numbers. */
export type PlanSpanInput = {
  /** The first that is in it. */
  from: number;
  /** The first that is not; no end when absent. */
  until?: number | null | undefined;
};

/** A label with values. */
export type PlanSubIdInput = {
  /** The label's name. */
  name: string;
  /** One of these. */
  values: Array<string>;
};

/** Which sales move an affiliate from tier to tier. */
export type PlanTierCounts =
  /** All that earned and were not rejected. */
  | 'ALL'
  /** Those of which the commission was approved. */
  | 'APPROVED';

/** What holds from a threshold on, which belongs to it. */
export type PlanTierInput = {
  /** The threshold of COUNT. */
  count?: number | null | undefined;
  /** The threshold of REVENUE and COMMISSION. */
  amount?: MoneyInput | null | undefined;
  /** Percent of the base. */
  percent?: string | null | undefined;
  /** Amount for each conversion. */
  fixed?: MoneyInput | null | undefined;
};

/** What moves an affiliate from tier to tier. */
export type PlanTierMetric =
  /** How many sales. */
  | 'COUNT'
  /** Their lines after discount, less what was given back. */
  | 'REVENUE'
  /** What they earned, less what was taken back. */
  | 'COMMISSION';

/** What a tier that is reached changes. */
export type PlanTierMode =
  /** An order is under the tier that was reached before it. */
  | 'PROSPECTIVE'
  /** What lies above a threshold is under its tier; for percentages by REVENUE. */
  | 'MARGINAL'
  /** All sales of the period are under the tier that the period has reached: what they earned before is restated, by commissions of the kind TIER, and taken back when refunds take the sum below the threshold again. No tier pays less than the one before, and a version with such tiers has no caps. */
  | 'RETROACTIVE';

/** The terms of a rule by what an affiliate has sold: of its own sales in the program and the period those that earned and were not rejected. Below the first tier the rule's own terms hold. */
export type PlanTiersInput = {
  /** What is counted. */
  metric: PlanTierMetric;
  /** What a tier that is reached changes. */
  mode: PlanTierMode;
  /** How long it is counted, on the clocks of the program. */
  period: PlanPeriod;
  /** Which sales count; ALL when absent. */
  counts?: PlanTierCounts | null | undefined;
  /** The tiers, by ascending threshold. */
  steps: Array<PlanTierInput>;
};

/** PlanVersionRecovery is enum for the field recovery */
export type PlanVersionRecovery =
  /** Recover. */
  | 'RECOVER'
  /** Absorb. */
  | 'ABSORB'
  /** Recover within. */
  | 'RECOVER_WITHIN';

/** ProgramAdmission is enum for the field admission */
export type ProgramAdmission =
  /** Open. */
  | 'OPEN'
  /** Approval. */
  | 'APPROVAL'
  /** Private. */
  | 'PRIVATE';

/** Makes a program. */
export type ProgramCreateInput = {
  /** A repeat with the same key has no second effect and gets the same answer. */
  idempotencyKey?: string | null | undefined;
  /** Name shown to affiliates. */
  name: string;
  /** Default currency; the merchant's when absent. */
  currency?: string | null | undefined;
  /** IANA time zone in which days begin; the merchant's when absent. */
  timeZone?: string | null | undefined;
  /** How affiliates get in; APPROVAL when absent. */
  admission?: ProgramAdmission | null | undefined;
  /** Where visitors go when a link cannot earn. */
  fallbackUrl: string;
  /** Smallest pay-out; zero when absent. */
  threshold?: MoneyInput | null | undefined;
};

/** Who bears what is given back of commission that was paid out. What was not paid out is always taken back. */
export type RecoveryInput = {
  /** RECOVER: the affiliate, out of what it earns next. ABSORB: the merchant. RECOVER_WITHIN: the affiliate for some days, then the merchant. */
  kind: PlanVersionRecovery;
  /** For RECOVER_WITHIN: days from the event, 1 to 400. */
  days?: number | null | undefined;
};

/** How a refund treats fixed amounts. */
export type RefundPolicyInput = {
  /** The way. */
  kind: RefundPolicyKind;
  /** For ALL_OR_NOTHING: the percent of the base at which all is taken back. */
  percent?: string | null | undefined;
};

/** Ways a refund treats fixed amounts. */
export type RefundPolicyKind =
  /** In proportion to what was given back. */
  | 'PROPORTIONAL'
  /** Nothing below a percentage, all from it on. */
  | 'ALL_OR_NOTHING'
  /** Fixed amounts are kept. */
  | 'KEEP';

/** Earlier days to hold a report against. */
export type ReportComparison =
  /** None. */
  | 'NONE'
  /** As many days right before. */
  | 'PREVIOUS_PERIOD'
  /** The same dates a year before. */
  | 'PREVIOUS_YEAR';

/** What a report is broken down by. Of clicks only program, affiliate, link and labels are known. */
export type ReportDimension =
  /** The program's id. */
  | 'PROGRAM'
  /** The affiliate's id; empty for conversions without credit. */
  | 'AFFILIATE'
  /** The id of the link that was opened; empty for none. */
  | 'LINK'
  /** The first code the buyer used; empty for none. */
  | 'COUPON'
  /** The buyer's country, ISO 3166-1 alpha-2; empty when the order did not say. */
  | 'COUNTRY'
  /** What the buyer ordered on. */
  | 'DEVICE'
  /** The channel the order was placed through. */
  | 'CHANNEL'
  /** The label s1 of the click or the order. */
  | 'S1'
  /** The label s2. */
  | 'S2'
  /** The label s3. */
  | 'S3'
  /** The label s4. */
  | 'S4'
  /** The label s5. */
  | 'S5';

/** How long a report's periods are. */
export type ReportGranularity =
  /** All days together. */
  | 'WHOLE'
  /** Hours; at most 33 days. */
  | 'HOUR'
  /** Days, of 23 or 25 hours where clocks change. */
  | 'DAY'
  /** Weeks from Monday on, cut off at the first and the last day. */
  | 'WEEK'
  /** Calendar months, cut off at the first and the last day. */
  | 'MONTH';

/** What a report counts, and how it is broken down. */
export type ReportInput = {
  /** First day, YYYY-MM-DD, in the time zone. */
  from: string;
  /** Last day, YYYY-MM-DD; at most 731 days. */
  to: string;
  /** By which date to count. There is no default: each gives other numbers. */
  dateBasis: DateBasis;
  /** IANA time zone in which days begin and end, such as Europe/Berlin; the merchant's when absent. */
  timeZone?: string | null | undefined;
  /** How long periods are, WHOLE when absent; at most 800 of them. */
  granularity?: ReportGranularity | null | undefined;
  /** What to break down by: three at most. */
  dimensions?: Array<ReportDimension> | null | undefined;
  /** Count only what has one of these values, by dimension. */
  only?: Array<ReportOnly> | null | undefined;
  /** How many groups have rows of their own, 100 when absent, at most 1000; what is left is summed up in other. */
  top?: number | null | undefined;
  /** By what the top is chosen and ordered: CONVERSIONS when absent. */
  orderBy?: ReportOrder | null | undefined;
  /** Only amounts of this currency, and conversions in it. */
  currency?: string | null | undefined;
  /** Earlier days to hold it against. */
  compareWith?: ReportComparison | null | undefined;
};

/** A filter of a report. */
export type ReportOnly = {
  /** What is looked at. */
  dimension: ReportDimension;
  /** The values that count, at most 100; an empty one stands for none. */
  values: Array<string>;
};

/** What a report is ordered by, the greatest first. To order by an amount, name its currency. */
export type ReportOrder =
  /** Payable clicks. */
  | 'CLICKS'
  /** Accepted conversions. */
  | 'CONVERSIONS'
  /** Sales. */
  | 'SALES'
  /** What was given back. */
  | 'REFUNDED'
  /** Commission, pending and approved. */
  | 'COMMISSION'
  /** Payouts. */
  | 'PAID';

/** A refresh token. */
export type SessionRefreshInput = {
  /** The refresh token of the last session. */
  refreshToken: string;
};

/** What can be wrong with an input. */
export type UserErrorCode =
  /** The value is not acceptable. */
  | 'INVALID'
  /** There is no such thing, or it is not yours. */
  | 'NOT_FOUND'
  /** The value is in use. */
  | 'TAKEN'
  /** The row has changed since the version you expected. */
  | 'CONFLICT'
  /** The thing is not in a state that allows this. */
  | 'WRONG_STATE'
  /** The value is too large. */
  | 'TOO_LARGE'
  /** The currency is not known. */
  | 'CURRENCY_UNKNOWN'
  /** Two currencies were mixed. */
  | 'CURRENCY_MISMATCH'
  /** The amount has more digits than its currency. */
  | 'AMOUNT_PRECISION'
  /** The amount is out of range. */
  | 'AMOUNT_RANGE'
  /** The refund is above what is left of the order. */
  | 'REFUND_EXCEEDS_ORDER'
  /** The balance is below the pay-out threshold. */
  | 'BELOW_THRESHOLD'
  /** The balance does not cover the amount. */
  | 'INSUFFICIENT_BALANCE';

/** A day of the week. */
export type Weekday =
  /** Monday. */
  | 'MONDAY'
  /** Tuesday. */
  | 'TUESDAY'
  /** Wednesday. */
  | 'WEDNESDAY'
  /** Thursday. */
  | 'THURSDAY'
  /** Friday. */
  | 'FRIDAY'
  /** Saturday. */
  | 'SATURDAY'
  /** Sunday. */
  | 'SUNDAY';

export type LiveStatsSubscriptionVariables = Exact<{
  programId?: string | null | undefined;
  affiliateId?: string | null | undefined;
}>;


export type LiveStatsSubscription = { liveStats: { cursor: string, at: string, today: Array<{ currency: string, clicks: number, conversions: number, sales: string, refunded: string, accrued: string, approved: string, paid: string }>, total: Array<{ currency: string, clicks: number, conversions: number, sales: string, refunded: string, accrued: string, approved: string, paid: string }> } };

export type EventsSubscriptionVariables = Exact<{
  after?: string | null | undefined;
  types?: Array<string> | string | null | undefined;
}>;


export type EventsSubscription = { events: { id: string, cursor: string, type: string, version: number, at: string, subjectId: string, programId: string | null, affiliateId: string | null, facts: Record<string, string> } };

export type EventFeedQueryVariables = Exact<{
  after?: string | null | undefined;
  first?: number | null | undefined;
  types?: Array<string> | string | null | undefined;
}>;


export type EventFeedQuery = { eventFeed: { cursor: string, hasMore: boolean, events: Array<{ id: string, cursor: string, type: string, version: number, at: string, subjectId: string, programId: string | null, affiliateId: string | null, facts: Record<string, string> }> } };

export type TotalsFragment = { currency: string, clicks: number, conversions: number, sales: string, refunded: string, accrued: string, approved: string, paid: string };

export type HappeningFragment = { id: string, cursor: string, type: string, version: number, at: string, subjectId: string, programId: string | null, affiliateId: string | null, facts: Record<string, string> };

export type ConversionRecordMutationVariables = Exact<{
  input: ConversionRecordInput;
}>;


export type ConversionRecordMutation = { conversionRecord: { created: boolean | null, conversion: { id: string, externalID: string, orderNumber: string, status: ConversionStatus, occurredAt: string, total: { amount: string, currency: string }, refunded: { amount: string, currency: string } } | null, userErrors: Array<{ field: Array<string>, message: string, code: UserErrorCode }> } };

export type ConversionByOrderQueryVariables = Exact<{
  programId: string;
  externalId: string;
}>;


export type ConversionByOrderQuery = { conversionByOrder: { id: string, externalID: string, orderNumber: string, status: ConversionStatus, occurredAt: string, total: { amount: string, currency: string }, refunded: { amount: string, currency: string }, commissions: Array<{ id: string, affiliateID: string, status: CommissionStatus, amount: { amount: string, currency: string }, explanation: { steps: Array<{ name: string, text: string, after: { amount: string, currency: string } }>, amount: { amount: string, currency: string } } | null }> | null } | null };

export type ConversionsQueryVariables = Exact<{
  programId?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ConversionsQuery = { conversions: { edges: Array<{ node: { id: string, externalID: string, orderNumber: string, status: ConversionStatus, occurredAt: string, total: { amount: string, currency: string }, refunded: { amount: string, currency: string }, commissions: Array<{ id: string, affiliateID: string, status: CommissionStatus, amount: { amount: string, currency: string }, explanation: { steps: Array<{ name: string, text: string, after: { amount: string, currency: string } }>, amount: { amount: string, currency: string } } | null }> | null } | null } | null> | null, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type OrderFragment = { id: string, externalID: string, orderNumber: string, status: ConversionStatus, occurredAt: string, total: { amount: string, currency: string }, refunded: { amount: string, currency: string } };

export type EarnedFragment = { commissions: Array<{ id: string, affiliateID: string, status: CommissionStatus, amount: { amount: string, currency: string }, explanation: { steps: Array<{ name: string, text: string, after: { amount: string, currency: string } }>, amount: { amount: string, currency: string } } | null }> | null };

export type CommissionApproveMutationVariables = Exact<{
  input: CommissionApproveInput;
}>;


export type CommissionApproveMutation = { commissionApprove: { commissions: Array<{ id: string, status: CommissionStatus, net: { amount: string, currency: string } }> | null, userErrors: Array<{ field: Array<string>, message: string, code: UserErrorCode }> } };

export type PayoutBatchCreateMutationVariables = Exact<{
  input: PayoutBatchCreateInput;
}>;


export type PayoutBatchCreateMutation = { payoutBatchCreate: { batch: { id: string, batchKey: string, status: PayoutBatchStatus, version: number, count: number, total: { amount: string, currency: string } } | null, userErrors: Array<{ field: Array<string>, message: string, code: UserErrorCode }> } };

export type PayoutBatchApproveMutationVariables = Exact<{
  input: PayoutBatchApproveInput;
}>;


export type PayoutBatchApproveMutation = { payoutBatchApprove: { batch: { id: string, batchKey: string, status: PayoutBatchStatus, version: number, count: number, total: { amount: string, currency: string } } | null, userErrors: Array<{ field: Array<string>, message: string, code: UserErrorCode }> } };

export type BatchFragment = { id: string, batchKey: string, status: PayoutBatchStatus, version: number, count: number, total: { amount: string, currency: string } };

export type ReportQueryVariables = Exact<{
  input: ReportInput;
}>;


export type ReportQuery = { report: { complete: boolean, timeZone: string, otherGroups: number, rows: Array<{ from: string, to: string, programId: string | null, affiliateId: string | null, linkId: string | null, coupon: string | null, country: string | null, device: string | null, channel: string | null, s1: string | null, s2: string | null, s3: string | null, s4: string | null, s5: string | null, numbers: { clicks: number | null, clicksUnpayable: number | null, clicksUnique: number | null, conversions: number, leads: number, conversionRate: string | null, amounts: Array<{ currency: string, conversions: number, sales: string, refunded: string, pending: string, approved: string, commission: string, rejected: string, reversed: string, paid: string, epc: string | null, averageOrderValue: string | null, returnOnSpend: string | null }> }, compared: { clicks: number | null, clicksUnpayable: number | null, clicksUnique: number | null, conversions: number, leads: number, conversionRate: string | null, amounts: Array<{ currency: string, conversions: number, sales: string, refunded: string, pending: string, approved: string, commission: string, rejected: string, reversed: string, paid: string, epc: string | null, averageOrderValue: string | null, returnOnSpend: string | null }> } | null }>, other: Array<{ from: string, to: string, numbers: { clicks: number | null, clicksUnpayable: number | null, clicksUnique: number | null, conversions: number, leads: number, conversionRate: string | null, amounts: Array<{ currency: string, conversions: number, sales: string, refunded: string, pending: string, approved: string, commission: string, rejected: string, reversed: string, paid: string, epc: string | null, averageOrderValue: string | null, returnOnSpend: string | null }> } }>, totals: { clicks: number | null, clicksUnpayable: number | null, clicksUnique: number | null, conversions: number, leads: number, conversionRate: string | null, amounts: Array<{ currency: string, conversions: number, sales: string, refunded: string, pending: string, approved: string, commission: string, rejected: string, reversed: string, paid: string, epc: string | null, averageOrderValue: string | null, returnOnSpend: string | null }> }, compared: { clicks: number | null, clicksUnpayable: number | null, clicksUnique: number | null, conversions: number, leads: number, conversionRate: string | null, amounts: Array<{ currency: string, conversions: number, sales: string, refunded: string, pending: string, approved: string, commission: string, rejected: string, reversed: string, paid: string, epc: string | null, averageOrderValue: string | null, returnOnSpend: string | null }> } | null } };

export type NumbersFragment = { clicks: number | null, clicksUnpayable: number | null, clicksUnique: number | null, conversions: number, leads: number, conversionRate: string | null, amounts: Array<{ currency: string, conversions: number, sales: string, refunded: string, pending: string, approved: string, commission: string, rejected: string, reversed: string, paid: string, epc: string | null, averageOrderValue: string | null, returnOnSpend: string | null }> };

export type ProgramCreateMutationVariables = Exact<{
  input: ProgramCreateInput;
}>;


export type ProgramCreateMutation = { programCreate: { program: { id: string, name: string, currency: string } | null, userErrors: Array<{ field: Array<string>, message: string, code: UserErrorCode }> } };

export type HostAddMutationVariables = Exact<{
  input: HostAddInput;
}>;


export type HostAddMutation = { hostAdd: { host: { id: string, name: string, purpose: HostPurpose } | null, userErrors: Array<{ field: Array<string>, message: string, code: UserErrorCode }> } };

export type PlanCreateMutationVariables = Exact<{
  input: CommissionPlanCreateInput;
}>;


export type PlanCreateMutation = { commissionPlanCreate: { plan: { id: string, name: string } | null, userErrors: Array<{ field: Array<string>, message: string, code: UserErrorCode }> } };

export type PlanActivateMutationVariables = Exact<{
  input: CommissionPlanActivateInput;
}>;


export type PlanActivateMutation = { commissionPlanActivate: { plan: { id: string, name: string } | null, userErrors: Array<{ field: Array<string>, message: string, code: UserErrorCode }> } };

export type AffiliateCreateMutationVariables = Exact<{
  input: AffiliateCreateInput;
}>;


export type AffiliateCreateMutation = { affiliateCreate: { claimToken: string | null, affiliate: { id: string, name: string, status: AffiliateStatus, version: number } | null, userErrors: Array<{ field: Array<string>, message: string, code: UserErrorCode }> } };

export type AffiliateApproveMutationVariables = Exact<{
  input: AffiliateApproveInput;
}>;


export type AffiliateApproveMutation = { affiliateApprove: { affiliate: { id: string, name: string, status: AffiliateStatus, version: number } | null, userErrors: Array<{ field: Array<string>, message: string, code: UserErrorCode }> } };

export type LinkCreateMutationVariables = Exact<{
  input: LinkCreateInput;
}>;


export type LinkCreateMutation = { linkCreate: { link: { id: string, url: string } | null, userErrors: Array<{ field: Array<string>, message: string, code: UserErrorCode }> } };

export type AffiliateQueryVariables = Exact<{
  id: string;
}>;


export type AffiliateQuery = { node:
    | { id: string, name: string, email: string, status: AffiliateStatus, version: number }
    | Record<PropertyKey, never>
   | null };

export type ConversionQueryVariables = Exact<{
  id: string;
}>;


export type ConversionQuery = { node:
    | { id: string, externalID: string, orderNumber: string, status: ConversionStatus, occurredAt: string, total: { amount: string, currency: string }, refunded: { amount: string, currency: string }, commissions: Array<{ id: string, affiliateID: string, status: CommissionStatus, amount: { amount: string, currency: string }, explanation: { steps: Array<{ name: string, text: string, after: { amount: string, currency: string } }>, amount: { amount: string, currency: string } } | null }> | null }
    | Record<PropertyKey, never>
   | null };

export type LogInMutationVariables = Exact<{
  input: LogInInput;
}>;


export type LogInMutation = { logIn: { accessToken: string | null, refreshToken: string | null, challenge: string | null, expiresAt: string | null, merchantId: string | null, userErrors: Array<{ field: Array<string>, message: string, code: UserErrorCode }> } };

export type SessionRefreshMutationVariables = Exact<{
  input: SessionRefreshInput;
}>;


export type SessionRefreshMutation = { sessionRefresh: { accessToken: string | null, refreshToken: string | null, expiresAt: string | null, userErrors: Array<{ field: Array<string>, message: string, code: UserErrorCode }> } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const TotalsFragmentDoc = new TypedDocumentString(`
    fragment Totals on StatsRow {
  currency
  clicks
  conversions
  sales
  refunded
  accrued
  approved
  paid
}
    `, {"fragmentName":"Totals"}) as unknown as TypedDocumentString<TotalsFragment, unknown>;
export const HappeningFragmentDoc = new TypedDocumentString(`
    fragment Happening on Event {
  id
  cursor
  type
  version
  at
  subjectId
  programId
  affiliateId
  facts
}
    `, {"fragmentName":"Happening"}) as unknown as TypedDocumentString<HappeningFragment, unknown>;
export const OrderFragmentDoc = new TypedDocumentString(`
    fragment Order on Conversion {
  id
  externalID
  orderNumber
  status
  occurredAt
  total {
    amount
    currency
  }
  refunded {
    amount
    currency
  }
}
    `, {"fragmentName":"Order"}) as unknown as TypedDocumentString<OrderFragment, unknown>;
export const EarnedFragmentDoc = new TypedDocumentString(`
    fragment Earned on Conversion {
  commissions {
    id
    affiliateID
    status
    amount {
      amount
      currency
    }
    explanation {
      steps {
        name
        text
        after {
          amount
          currency
        }
      }
      amount {
        amount
        currency
      }
    }
  }
}
    `, {"fragmentName":"Earned"}) as unknown as TypedDocumentString<EarnedFragment, unknown>;
export const BatchFragmentDoc = new TypedDocumentString(`
    fragment Batch on PayoutBatch {
  id
  batchKey
  status
  version
  count
  total {
    amount
    currency
  }
}
    `, {"fragmentName":"Batch"}) as unknown as TypedDocumentString<BatchFragment, unknown>;
export const NumbersFragmentDoc = new TypedDocumentString(`
    fragment Numbers on ReportNumbers {
  clicks
  clicksUnpayable
  clicksUnique
  conversions
  leads
  conversionRate
  amounts {
    currency
    conversions
    sales
    refunded
    pending
    approved
    commission
    rejected
    reversed
    paid
    epc
    averageOrderValue
    returnOnSpend
  }
}
    `, {"fragmentName":"Numbers"}) as unknown as TypedDocumentString<NumbersFragment, unknown>;
export const LiveStatsDocument = new TypedDocumentString(`
    subscription LiveStats($programId: ID, $affiliateId: ID) {
  liveStats(programId: $programId, affiliateId: $affiliateId) {
    cursor
    at
    today {
      ...Totals
    }
    total {
      ...Totals
    }
  }
}
    fragment Totals on StatsRow {
  currency
  clicks
  conversions
  sales
  refunded
  accrued
  approved
  paid
}`) as unknown as TypedDocumentString<LiveStatsSubscription, LiveStatsSubscriptionVariables>;
export const EventsDocument = new TypedDocumentString(`
    subscription Events($after: String, $types: [String!]) {
  events(after: $after, types: $types) {
    ...Happening
  }
}
    fragment Happening on Event {
  id
  cursor
  type
  version
  at
  subjectId
  programId
  affiliateId
  facts
}`) as unknown as TypedDocumentString<EventsSubscription, EventsSubscriptionVariables>;
export const EventFeedDocument = new TypedDocumentString(`
    query EventFeed($after: String, $first: Int, $types: [String!]) {
  eventFeed(after: $after, first: $first, types: $types) {
    events {
      ...Happening
    }
    cursor
    hasMore
  }
}
    fragment Happening on Event {
  id
  cursor
  type
  version
  at
  subjectId
  programId
  affiliateId
  facts
}`) as unknown as TypedDocumentString<EventFeedQuery, EventFeedQueryVariables>;
export const ConversionRecordDocument = new TypedDocumentString(`
    mutation ConversionRecord($input: ConversionRecordInput!) {
  conversionRecord(input: $input) {
    created
    conversion {
      ...Order
    }
    userErrors {
      field
      message
      code
    }
  }
}
    fragment Order on Conversion {
  id
  externalID
  orderNumber
  status
  occurredAt
  total {
    amount
    currency
  }
  refunded {
    amount
    currency
  }
}`) as unknown as TypedDocumentString<ConversionRecordMutation, ConversionRecordMutationVariables>;
export const ConversionByOrderDocument = new TypedDocumentString(`
    query ConversionByOrder($programId: ID!, $externalId: String!) {
  conversionByOrder(programId: $programId, externalId: $externalId) {
    ...Order
    ...Earned
  }
}
    fragment Order on Conversion {
  id
  externalID
  orderNumber
  status
  occurredAt
  total {
    amount
    currency
  }
  refunded {
    amount
    currency
  }
}
fragment Earned on Conversion {
  commissions {
    id
    affiliateID
    status
    amount {
      amount
      currency
    }
    explanation {
      steps {
        name
        text
        after {
          amount
          currency
        }
      }
      amount {
        amount
        currency
      }
    }
  }
}`) as unknown as TypedDocumentString<ConversionByOrderQuery, ConversionByOrderQueryVariables>;
export const ConversionsDocument = new TypedDocumentString(`
    query Conversions($programId: ID, $first: Int, $after: Cursor) {
  conversions(programId: $programId, first: $first, after: $after) {
    edges {
      node {
        ...Order
        ...Earned
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment Order on Conversion {
  id
  externalID
  orderNumber
  status
  occurredAt
  total {
    amount
    currency
  }
  refunded {
    amount
    currency
  }
}
fragment Earned on Conversion {
  commissions {
    id
    affiliateID
    status
    amount {
      amount
      currency
    }
    explanation {
      steps {
        name
        text
        after {
          amount
          currency
        }
      }
      amount {
        amount
        currency
      }
    }
  }
}`) as unknown as TypedDocumentString<ConversionsQuery, ConversionsQueryVariables>;
export const CommissionApproveDocument = new TypedDocumentString(`
    mutation CommissionApprove($input: CommissionApproveInput!) {
  commissionApprove(input: $input) {
    commissions {
      id
      status
      net {
        amount
        currency
      }
    }
    userErrors {
      field
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<CommissionApproveMutation, CommissionApproveMutationVariables>;
export const PayoutBatchCreateDocument = new TypedDocumentString(`
    mutation PayoutBatchCreate($input: PayoutBatchCreateInput!) {
  payoutBatchCreate(input: $input) {
    batch {
      ...Batch
    }
    userErrors {
      field
      message
      code
    }
  }
}
    fragment Batch on PayoutBatch {
  id
  batchKey
  status
  version
  count
  total {
    amount
    currency
  }
}`) as unknown as TypedDocumentString<PayoutBatchCreateMutation, PayoutBatchCreateMutationVariables>;
export const PayoutBatchApproveDocument = new TypedDocumentString(`
    mutation PayoutBatchApprove($input: PayoutBatchApproveInput!) {
  payoutBatchApprove(input: $input) {
    batch {
      ...Batch
    }
    userErrors {
      field
      message
      code
    }
  }
}
    fragment Batch on PayoutBatch {
  id
  batchKey
  status
  version
  count
  total {
    amount
    currency
  }
}`) as unknown as TypedDocumentString<PayoutBatchApproveMutation, PayoutBatchApproveMutationVariables>;
export const ReportDocument = new TypedDocumentString(`
    query Report($input: ReportInput!) {
  report(input: $input) {
    complete
    timeZone
    rows {
      from
      to
      programId
      affiliateId
      linkId
      coupon
      country
      device
      channel
      s1
      s2
      s3
      s4
      s5
      numbers {
        ...Numbers
      }
      compared {
        ...Numbers
      }
    }
    other {
      from
      to
      numbers {
        ...Numbers
      }
    }
    otherGroups
    totals {
      ...Numbers
    }
    compared {
      ...Numbers
    }
  }
}
    fragment Numbers on ReportNumbers {
  clicks
  clicksUnpayable
  clicksUnique
  conversions
  leads
  conversionRate
  amounts {
    currency
    conversions
    sales
    refunded
    pending
    approved
    commission
    rejected
    reversed
    paid
    epc
    averageOrderValue
    returnOnSpend
  }
}`) as unknown as TypedDocumentString<ReportQuery, ReportQueryVariables>;
export const ProgramCreateDocument = new TypedDocumentString(`
    mutation ProgramCreate($input: ProgramCreateInput!) {
  programCreate(input: $input) {
    program {
      id
      name
      currency
    }
    userErrors {
      field
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<ProgramCreateMutation, ProgramCreateMutationVariables>;
export const HostAddDocument = new TypedDocumentString(`
    mutation HostAdd($input: HostAddInput!) {
  hostAdd(input: $input) {
    host {
      id
      name
      purpose
    }
    userErrors {
      field
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<HostAddMutation, HostAddMutationVariables>;
export const PlanCreateDocument = new TypedDocumentString(`
    mutation PlanCreate($input: CommissionPlanCreateInput!) {
  commissionPlanCreate(input: $input) {
    plan {
      id
      name
    }
    userErrors {
      field
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<PlanCreateMutation, PlanCreateMutationVariables>;
export const PlanActivateDocument = new TypedDocumentString(`
    mutation PlanActivate($input: CommissionPlanActivateInput!) {
  commissionPlanActivate(input: $input) {
    plan {
      id
      name
    }
    userErrors {
      field
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<PlanActivateMutation, PlanActivateMutationVariables>;
export const AffiliateCreateDocument = new TypedDocumentString(`
    mutation AffiliateCreate($input: AffiliateCreateInput!) {
  affiliateCreate(input: $input) {
    affiliate {
      id
      name
      status
      version
    }
    claimToken
    userErrors {
      field
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<AffiliateCreateMutation, AffiliateCreateMutationVariables>;
export const AffiliateApproveDocument = new TypedDocumentString(`
    mutation AffiliateApprove($input: AffiliateApproveInput!) {
  affiliateApprove(input: $input) {
    affiliate {
      id
      name
      status
      version
    }
    userErrors {
      field
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<AffiliateApproveMutation, AffiliateApproveMutationVariables>;
export const LinkCreateDocument = new TypedDocumentString(`
    mutation LinkCreate($input: LinkCreateInput!) {
  linkCreate(input: $input) {
    link {
      id
      url
    }
    userErrors {
      field
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<LinkCreateMutation, LinkCreateMutationVariables>;
export const AffiliateDocument = new TypedDocumentString(`
    query Affiliate($id: ID!) {
  node(id: $id) {
    ... on Affiliate {
      id
      name
      email
      status
      version
    }
  }
}
    `) as unknown as TypedDocumentString<AffiliateQuery, AffiliateQueryVariables>;
export const ConversionDocument = new TypedDocumentString(`
    query Conversion($id: ID!) {
  node(id: $id) {
    ... on Conversion {
      ...Order
      ...Earned
    }
  }
}
    fragment Order on Conversion {
  id
  externalID
  orderNumber
  status
  occurredAt
  total {
    amount
    currency
  }
  refunded {
    amount
    currency
  }
}
fragment Earned on Conversion {
  commissions {
    id
    affiliateID
    status
    amount {
      amount
      currency
    }
    explanation {
      steps {
        name
        text
        after {
          amount
          currency
        }
      }
      amount {
        amount
        currency
      }
    }
  }
}`) as unknown as TypedDocumentString<ConversionQuery, ConversionQueryVariables>;
export const LogInDocument = new TypedDocumentString(`
    mutation LogIn($input: LogInInput!) {
  logIn(input: $input) {
    accessToken
    refreshToken
    challenge
    expiresAt
    merchantId
    userErrors {
      field
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<LogInMutation, LogInMutationVariables>;
export const SessionRefreshDocument = new TypedDocumentString(`
    mutation SessionRefresh($input: SessionRefreshInput!) {
  sessionRefresh(input: $input) {
    accessToken
    refreshToken
    expiresAt
    userErrors {
      field
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<SessionRefreshMutation, SessionRefreshMutationVariables>;