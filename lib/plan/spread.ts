/** Multiples of the golden section spread best; each further key takes its next power. */
const GOLDEN = 0.618033988749895;

/**
 * Positions of so many flows (at most all) that are spread over the product of keys with these sizes: distinct, the same
 * each time, in order. Each key's entries take part as often as each other, as far as that is possible.
 */
export function spread(sizes: readonly number[], count: number): number[] {
  const total = sizes.reduce((product, size) => product * size, 1);
  const most = Math.min(count, total);
  const taken = new Set<number>();
  for (let point = 0; point < most; point++) {
    let index = 0;
    for (const [place, size] of sizes.entries()) index = index * size + entryOf(point, place, size, most);
    while (taken.has(index)) index = (index + 1) % total;
    taken.add(index);
  }
  return [...taken].sort((a, b) => a - b);
}

/** The points go through the entries of each key evenly, and through those of two keys in different rhythms. */
function entryOf(point: number, place: number, size: number, points: number): number {
  const turn = (point * strideOf(place, points)) % points;
  return Math.floor((turn * size) / points);
}

/** 1 for the first key; each has no divisor in common with the number of points, so that every turn comes once. */
function strideOf(place: number, points: number): number {
  let stride = Math.max(1, Math.round(points * GOLDEN ** place));
  while (commonDivisor(stride, points) > 1) stride++;
  return place === 0 ? 1 : stride;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
