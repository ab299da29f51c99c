import type { Difference } from '../../preview/differences.js';

const LONGEST = 40;

/** Fields whose values are digests, which tell people nothing. */
const IN_WORDS: Readonly<Record<string, string>> = {
  words: 'cmd',
  file: 'the module',
  source: 'its function',
  files: 'the files of its folder',
  'files.head': 'the commit',
  'files.changed': 'uncommitted changes',
  'files.untracked': 'untracked files',
};

/** Whether it isn't the step that differs, but a file that it uses. */
export function isOfFile({ name }: Difference): boolean {
  return name === 'file' || /^(files|inputs)\b/.test(name);
}

/** `model "a" -> "b"`; only the name where the values are long, or say nothing. */
export function differenceText(difference: Difference): string {
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

/** The words of a prompt with `…` for what is put in between them, or those of a command's arguments. */
function templateText(words: readonly unknown[]): string {
  if (words.every((word) => Array.isArray(word))) return words.map(templateText).join(' ');
  const text = words.map((word) => (typeof word === 'string' ? word : '…')).join('');
  return text.replaceAll(/\s+/g, ' ');
}
