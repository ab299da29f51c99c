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

/** Null where the tier's price is unknown. */
export function tierFactor(tier: string): number | null {
  return Object.hasOwn(FACTORS, tier) ? (FACTORS[tier] ?? null) : null;
}
