import type { FailureKind } from '../errors.js';
import type { Difference } from './differences.js';

/** Why a step isn't replayed. */
export type Reason =
  /** No flow had these files before. */
  | { readonly because: 'new flow' }
  /** The last sitting didn't come to all its flows; this one may be new, too. */
  | { readonly because: 'not begun' }
  /** A flow had these files, with other contents. */
  | { readonly because: 'changed inputs'; readonly inputs: readonly ChangedInput[] }
  | { readonly because: 'failed'; readonly kind: FailureKind; readonly message: string }
  | { readonly because: 'cancelled' }
  /** The flow didn't come that far. */
  | { readonly because: 'not reached' }
  /** The config had no such step. */
  | { readonly because: 'new step' }
  /** None are known where the values that differ aren't kept, or those of then weren't. */
  | { readonly because: 'changed definition'; readonly differences: readonly Difference[] }
  /** What is put in differs, by the names that a definition has for it. */
  | { readonly because: 'changed inserts'; readonly names: readonly string[] }
  /** Somebody deleted a line of the journal, or a file. */
  | { readonly because: 'result gone' }
  /** It builds on the output of a step that isn't known yet. */
  | { readonly because: 'earlier step'; readonly step: string }
  /** It runs once for each element that a step puts out. */
  | { readonly because: 'elements'; readonly step: string }
  /** Nothing tells whether the step would do the same again. */
  | { readonly because: 'unrecognisable' }
  | { readonly because: 'unreadable input'; readonly message: string };

/** A key's file that isn't what it was. */
export interface ChangedInput {
  readonly key: string;
  readonly path: string;
}
