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
