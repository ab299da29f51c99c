import { mostAtOnce } from '../files/open-files.js';

/** How many connections may be opened where `wanted` would be useful: each is an open file. */
export function connectionLimit(
  wanted: number,
  openFiles?: number,
): { readonly connections: number; readonly capped: boolean } {
  const most = mostAtOnce(1, openFiles);
  return { connections: Math.min(wanted, most), capped: wanted > most };
}
