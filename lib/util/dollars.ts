import { once } from './once.js';

/** So many are a dollar. A token costs a whole number of them, so that sums are exact as long as they stay below $2,000. */
const PICO = 1e12;

/** A whole number of pico-dollars. */
export function toPico(usd: number): number {
  return Math.round(usd * PICO);
}

export function toUsd(pico: number): number {
  return pico / PICO;
}

/** The sum of dollars, without the dust that adding fractions leaves; null as soon as one of them is unknown. */
export function sumUsd(amounts: Iterable<number | null>): number | null {
  let pico = 0;
  for (const usd of amounts) {
    if (usd === null) return null;
    pico += toPico(usd);
  }
  return toUsd(pico);
}

/** `$0.42`, `$1,234.50`; less than a cent with two significant digits: `$0.00079`. */
export function formatUsd(usd: number): string {
  if (usd > 0 && usd < 0.01) return `$${small().format(usd)}`;
  return `$${cents().format(usd)}`;
}

/** `$0.42`; `$0.42+` where that isn't all, `unknown` where nothing is known. */
export function formatKnownUsd(known: number, isAll: boolean): string {
  if (isAll) return formatUsd(known);
  return known > 0 ? `${formatUsd(known)}+` : 'unknown';
}

/** As `formatUsd`; under a dollar with up to four digits: `$0.0488`. */
export function formatSmallUsd(usd: number): string {
  return usd < 0.01 || usd >= 1 ? formatUsd(usd) : `$${fine().format(usd)}`;
}

// The first of them takes 9 ms, a part of the time that a small run has to start.
const cents = format({ minimumFractionDigits: 2, maximumFractionDigits: 2 });
const fine = format({ minimumFractionDigits: 2, maximumFractionDigits: 4 });
const small = format({ maximumSignificantDigits: 2 });

function format(options: Intl.NumberFormatOptions): () => Intl.NumberFormat {
  return once(() => new Intl.NumberFormat('en', options));
}
