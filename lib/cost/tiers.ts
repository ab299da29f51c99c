/**
 * What the rates of the standard tier are multiplied by, by the tier's name in records (OpenAI's pricing, 2026-11). A tier
 * that isn't here (`scale` for one) has no known price.
 */
const FACTORS: Readonly<Record<string, number>> = {
  standard: 1,
  flex: 0.5,
  batch: 0.5,
  priority: 2,
  ultrafast: 3,
};

/** As servers write tiers, where records have another name. */
const NAMES: Readonly<Record<string, string>> = {
  auto: 'standard',
  default: 'standard',
  on_demand: 'standard',
  fast: 'priority',
};

/** The name of a tier in records. @param told in a request or an answer */
export function tierNamed(told: string): string {
  return Object.hasOwn(NAMES, told) ? (NAMES[told] ?? told) : told;
}

/** Null where the tier's price is unknown. */
export function tierFactor(tier: string): number | null {
  return Object.hasOwn(FACTORS, tier) ? (FACTORS[tier] ?? null) : null;
}
