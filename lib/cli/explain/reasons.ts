import type { Difference } from '../../preview/differences.js';
import type { Reason } from '../../preview/miss-reasons.js';

/** Up to this many differences are named. */
const MOST_TOLD = 8;

/** Why so many steps aren't replayed, after their number: `2 new flows`. */
export function reasonOfMany(reason: Reason, count: number): string {
  switch (reason.because) {
    case 'new flow':
      return count === 1 ? 'new flow' : 'new flows';
    case 'not begun':
      return 'not begun before';
    case 'changed inputs':
      return `with a changed ${placeholders(reason.inputs.map(({ key }) => key))}`;
    case 'failed':
      return `failed last time (${reason.kind})`;
    case 'cancelled':
      return 'cancelled last time';
    case 'not reached':
      return 'not reached before';
    case 'new step':
      return 'as the step is new';
    case 'changed definition':
      return `as ${changedText(reason)}`;
    case 'changed inserts':
      return `with another ${reason.names.join(', ')}`;
    case 'result gone':
      return 'with a missing result';
    case 'earlier step':
      return `after ${reason.step}`;
    case 'elements':
      return `for the elements of ${reason.step}`;
    case 'unrecognisable':
      return "that can't be recognised";
    case 'unreadable input':
      return "with an input that can't be read";
  }
}

/** Why one step isn't replayed, as a sentence. */
export function reasonOfOne(reason: Reason): string {
  switch (reason.because) {
    case 'new flow':
      return 'the flow is new';
    case 'not begun':
      return "the flow hasn't begun before";
    case 'changed inputs':
      return `${reason.inputs.map(({ key, path }) => `${path} (${placeholder(key)})`).join(' and ')} changed`;
    case 'failed':
      return `it failed last time (${reason.kind}): ${reason.message}`;
    case 'cancelled':
      return 'it was cancelled last time';
    case 'not reached':
      return 'it never ran in this run';
    case 'new step':
      return 'the step is new';
    case 'changed definition':
      return changedText(reason);
    case 'changed inserts':
      return `${reason.names.join(', ')} changed`;
    case 'result gone':
      return "its result is missing from the run's folder";
    case 'earlier step':
      return `it builds on ${reason.step}`;
    case 'elements':
      return `it builds on the elements of ${reason.step}`;
    case 'unrecognisable':
      return 'it cannot be recognised (an operator, or a function with unreadable source)';
    case 'unreadable input':
      return reason.message;
  }
}

function changedText({ differences }: Extract<Reason, { because: 'changed definition' }>): string {
  const more = differences.length > MOST_TOLD ? ` and ${differences.length - MOST_TOLD} more` : '';
  const what = `${differences.slice(0, MOST_TOLD).map(differenceText).join(', ')}${more}`;
  if (differences.length === 0) return 'its options changed, in values that are not kept';
  return differences.every(isOfFile)
    ? `a file that it uses changed (${what})`
    : `its options changed (${what})`;
}

function placeholders(keys: readonly string[]): string {
  return keys.map(placeholder).join(' and ');
}

function placeholder(key: string): string {
  return `{{{${key}}}}`;
}

const LONGEST = 40;

/** Fields whose values are digests, which say nothing to people. */
const IN_WORDS: Readonly<Record<string, string>> = {
  words: 'cmd',
  file: 'the module',
  source: 'its function',
  files: 'the files of its folder',
  'files.head': 'the commit',
  'files.changed': 'uncommitted changes',
  'files.untracked': 'untracked files',
};

/** True if a file of the step differs, not the step. */
function isOfFile({ name }: Difference): boolean {
  return name === 'file' || /^(files|inputs)\b/.test(name);
}

/** `model "a" -> "b"`; only the name where the values are long, or say nothing. */
function differenceText(difference: Difference): string {
  const { name } = difference;
  const text = IN_WORDS[name] ?? name.replace(/^(files(\.changed|\.untracked)?|inputs)\./, '');
  if (isOfFile(difference) || name === 'source') return text;
  const [before, after] = [shown(difference.before), shown(difference.after)];
  return Math.max(before.length, after.length) > LONGEST ? text : `${text} ${before} -> ${after}`;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  return JSON.stringify(Array.isArray(value) ? templateText(value) : value);
}

/** The words of a prompt with `…` for inserted values, or those of a command's arguments. */
function templateText(words: readonly unknown[]): string {
  if (words.every((word) => Array.isArray(word))) return words.map(templateText).join(' ');
  const text = words.map((word) => (typeof word === 'string' ? word : '…')).join('');
  return text.replaceAll(/\s+/g, ' ');
}
