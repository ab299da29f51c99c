import type { Issue } from '../errors.js';
import { nearest } from '../util/suggest.js';
import { isIdentifier, type Placeholder, parse, placeholders } from '../util/template.js';
import type { CheckedStep, CheckOptions, StepResult } from './checked.js';

/** The names that placeholders can refer to. */
export interface References {
  readonly issues: readonly Issue[];
  /** Of plain text that looks like a placeholder, and would stand for nothing. */
  readonly warnings: readonly Issue[];
  /** Keys that some placeholder names, or is meant to name. */
  readonly used: ReadonlySet<string>;
  /** Keys whose content some placeholder inserts. */
  readonly contents: ReadonlySet<string>;
  /** Steps whose output a later placeholder inserts, by name. */
  readonly kept: ReadonlySet<string>;
}

/** A placeholder, its place, and the names that it can refer to from there. */
interface Site {
  readonly where: string;
  readonly placeholder: Placeholder;
  /** Set where it isn't a placeholder yet, but plain text that is nearly one. */
  readonly near: NearPlaceholder | null;
  readonly results: readonly StepResult[];
  readonly index: number;
  readonly keys: CheckOptions['keys'];
}

/** Why a placeholder can't be used. */
interface Mistake {
  readonly message: string;
  /** The key that is probably meant. */
  readonly key?: string | undefined;
}

/**
 * Checks that every reference of a template exists. Consequences of another mistake are left out.
 *
 * @param brokenKeys names of keys that have mistakes of their own, told elsewhere
 */
export function references(
  results: readonly StepResult[],
  keys: CheckOptions['keys'],
  brokenKeys: readonly string[],
): References {
  const sites = results.flatMap((result, index) => sitesIn(result, { results, index, keys }));
  const found = sites.filter(({ near }) => near === null).map(({ placeholder }) => placeholder);
  const judged = sites
    .filter(({ placeholder: { name } }) => !isOneOf(name, brokenKeys))
    .map((site) => ({ site, mistake: mistakeAt(site) }));
  const refused = judged.filter(({ site, mistake }) => isRefused(site, mistake));
  const doubtful = judged.filter(({ site, mistake }) => site.near && mistake && isReserved(site));
  return {
    issues: [
      ...unique(refused.map(({ site, mistake }) => issueAt(site, mistake))),
      ...unnameableIssues(results.map(({ step }) => step)),
    ],
    warnings: doubtful.map(({ site }) => issueAt(site, null)),
    used: new Set(judged.flatMap(({ site, mistake }) => mistake?.key ?? keyIn(site.placeholder) ?? [])),
    contents: new Set(
      found.flatMap((placeholder) => (placeholder.kind === 'content' ? [placeholder.key] : [])),
    ),
    kept: new Set(found.flatMap((placeholder) => (placeholder.kind === 'output' ? [placeholder.step] : []))),
  };
}

function sitesIn({ step }: StepResult, seen: Pick<Site, 'results' | 'index' | 'keys'>): readonly Site[] {
  return step.templates.flatMap(({ field, text }) => {
    const where = `${step.where}.${field}`;
    return [
      ...placeholders(parse(text)).map((placeholder): Site => ({ where, placeholder, near: null, ...seen })),
      ...nearPlaceholders(text).map((near): Site => ({ where, placeholder: near.meant, near, ...seen })),
    ];
  });
}

/** Plain text is refused where the placeholder would stand for something, or names a key. */
function isRefused({ near, placeholder, keys }: Site, mistake: Mistake | null): boolean {
  if (!near) return mistake !== null;
  return mistake === null || keys.some(({ name }) => isOneOf(placeholder.name, [name]));
}

/** `{{previous}}` where there is no previous output. */
function isReserved({ placeholder: { name } }: Site): boolean {
  return isOneOf(name, ['previous', 'steps']);
}

function issueAt({ where, placeholder, near }: Site, mistake: Mistake | null): Issue {
  if (near) return { where, message: nearMessage(near) };
  return { where, message: `{{{${placeholder.name}}}} ${mistake?.message}` };
}

/** `doc.path` begins with `doc`, and so does `doc`. */
function isOneOf(placeholder: string, names: readonly string[]): boolean {
  return names.some((name) => placeholder === name || placeholder.startsWith(`${name}.`));
}

function keyIn(placeholder: Placeholder): string | undefined {
  return 'key' in placeholder ? placeholder.key : undefined;
}

function mistakeAt(site: Site): Mistake | null {
  const { placeholder, index } = site;
  switch (placeholder.kind) {
    case 'previous':
      if (index > 0) return null;
      return { message: 'has no value: the first step has no previous output' };
    case 'output':
      return stepMistake(placeholder.step, site);
    case 'unknown':
      return isUnnameable(site) ? null : undefinedMistake(site);
    default:
      return keyMistake(placeholder.key, site);
  }
}

/** `{{{steps.a.b}}}` of a step called `a.b` has an issue of its own. */
function isUnnameable({ placeholder, results, index }: Site): boolean {
  return unnameable(stepsOf(results), index).some((name) => placeholder.name === `steps.${name}`);
}

function stepsOf(results: readonly StepResult[]): CheckedStep[] {
  return results.map(({ step }) => step);
}

function keyMistake(name: string, site: Site): Mistake | null {
  const key = site.keys.find((candidate) => candidate.name === name);
  if (!key) return undefinedMistake(site);
  if (!key.values || site.placeholder.kind === 'content') return null;
  return { message: `is a path, but key ${name} has values; use {{{${name}}}}` };
}

function stepMistake(name: string, site: Site): Mistake | null {
  const bearers = site.results.flatMap(({ step, named }, index) =>
    step.name === name ? [{ where: step.where, named, index }] : [],
  );
  const [bearer, second] = bearers;
  if (!bearer) return undefinedMistake(site);
  if (second) return bearers.every(({ named }) => named) ? null : ambiguous(bearers);
  if (bearer.index < site.index) return null;
  const only = 'only outputs of earlier steps can be put in';
  if (bearer.index === site.index) return { message: `is this step itself; ${only}` };
  return { message: `is a later step (${bearer.where}); ${only}` };
}

/** Of given names one that stands twice is a mistake of its own. */
function ambiguous(bearers: readonly { readonly where: string }[]): Mistake {
  const places = bearers.map(({ where }) => where).join(' and ');
  return { message: `is ambiguous: ${places} are both called that; give the one you mean a name` };
}

function undefinedMistake(site: Site): Mistake {
  const { placeholder, index, keys } = site;
  const ofKeys = keys.flatMap(({ name, values }) =>
    values ? [name] : [name, `${name}.path`, `${name}.file`],
  );
  const ofSteps = earlierNames(site).map((name) => `steps.${name}`);
  const near = nearest(placeholder.name, [...ofKeys, ...ofSteps, ...(index > 0 ? ['previous'] : [])]);
  const meant = near === null ? '.' : `; did you mean {{{${near}}}}?`;
  return {
    message: `is not defined${meant} ${known(site)}`,
    key: near === null ? undefined : keys.find(({ name }) => isOneOf(near, [name]))?.name,
  };
}

/** The known names, for a message. */
function known(site: Site): string {
  const { placeholder, keys } = site;
  if (placeholder.kind === 'output') return `Earlier steps: ${earlierNames(site).join(', ') || 'none'}`;
  const key = keyIn(placeholder) ?? 'name';
  return `Keys: ${keys.map(({ name }) => name).join(', ') || `none, define one with --key ${key}:list.txt`}`;
}

/** Names of earlier steps that a placeholder can refer to. */
function earlierNames({ results, index }: Site): string[] {
  const names = results.map(({ step }) => step.name);
  return names
    .slice(0, index)
    .filter((name, at) => isIdentifier(name) && names.indexOf(name) === at && names.lastIndexOf(name) === at);
}

/** One placeholder that stands twice in a template is one mistake. */
function unique(issues: readonly Issue[]): Issue[] {
  return [...new Map(issues.map((issue) => [`${issue.where}\0${issue.message}`, issue])).values()];
}

/** Given names are unique: a placeholder couldn't tell which output it means. */
export function nameIssues(results: readonly StepResult[]): Issue[] {
  const first = new Map<string, string>();
  const issues: Issue[] = [];
  for (const { step, named } of results) {
    if (!named) continue;
    const earlier = first.get(step.name);
    if (earlier === undefined) first.set(step.name, step.where);
    else
      issues.push({
        where: `${step.where}.name`,
        message: `"${step.name}" is already the name of ${earlier}`,
      });
  }
  return issues;
}

/** Names of earlier steps that no placeholder can hold, like `my step`. */
function unnameable(steps: readonly CheckedStep[], index: number): string[] {
  const earlier = steps.slice(0, index).map(({ name }) => name);
  return [...new Set(earlier)].filter((name) => !isIdentifier(name));
}

/** Such a name in a placeholder would be plain text, and the model would see it: seldom meant. */
function unnameableIssues(steps: readonly CheckedStep[]): Issue[] {
  return steps.flatMap(({ where, templates }, index) =>
    templates.flatMap(({ field, text }) => {
      const unescaped = text.replaceAll('\\{{{', '');
      const found = unnameable(steps, index).filter((name) => unescaped.includes(`{{{steps.${name}}}}`));
      return found.map((name) => ({ where: `${where}.${field}`, message: messageFor(name) }));
    }),
  );
}

function messageFor(name: string): string {
  const rule = 'letters, digits, _ and - only; give that step another name';
  return `{{{steps.${name}}}} cannot refer to "${name}": ${rule}`;
}

/** Two or three braces around a name, and spaces within; none where `\` says that it is meant as it stands. */
const NEAR = /(?<![\\{])\{{2,3}\s*([A-Za-z_][\w-]*)((?:\.[A-Za-z_][\w-]*)?)\s*\}{2,3}(?!\})/g;

/** Plain text that would be a placeholder but for a brace or a space. */
export interface NearPlaceholder {
  readonly written: string;
  readonly meant: Placeholder;
}

export function nearPlaceholders(text: string): NearPlaceholder[] {
  return [...text.matchAll(NEAR)].flatMap(([written, name = '', rest = '']) => {
    const right = `{{{${name}${rest}}}}`;
    return written === right ? [] : placeholders(parse(right)).map((meant) => ({ written, meant }));
  });
}

/** Says how to write the placeholder, and how the text that stands there now. */
function nearMessage({ written, meant }: NearPlaceholder): string {
  const literal = `\\${written}`;
  return `${written} is plain text; the placeholder is {{{${meant.name}}}}, and the text itself is written ${literal} (in double quotes \\${literal})`;
}
