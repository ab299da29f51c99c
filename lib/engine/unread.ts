import type { Flow, Input } from '../flow/flow.js';
import { newFlow } from '../inputs/identity.js';
import type { Entry } from '../inputs/key.js';
import type { Combination } from '../inputs/product.js';
import { markOf as markOfInputs } from '../store/marks.js';

/** The flow of a combination before its contents are read and hashed: it has no id yet. */
export function unread({ index, entries }: Combination): Flow {
  return newFlow('', index, Object.fromEntries(entries.map(inputOf)), 0);
}

/** By which a store knows the flow of a combination. */
export function markOf({ entries }: Combination): number {
  return markOfInputs(entries.map(inputOf));
}

function inputOf({ key, path, identity }: Entry): [name: string, input: Input] {
  return [key.name, identity?.input ?? { path, sha256: null }];
}
