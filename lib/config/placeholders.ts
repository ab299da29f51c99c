import type { Issue } from '../errors.js';
import { isIdentifier, type Placeholder, parse, placeholders } from '../template.js';
import type { CheckedStep, CheckOptions } from './checked.js';
import { nearest } from './suggest.js';
import { unnameable, unnameableIssues } from './unnameable.js';

/** What the placeholders of all steps refer to. */
export interface References {
  readonly issues: readonly Issue[];
  /** Keys that some placeholder names. */
  readonly used: ReadonlySet<string>;
  /** Keys whose content some placeholder puts in. */
  readonly contents: ReadonlySet<string>;
  /** Steps whose output a later placeholder puts in, by name. */
  readonly kept: ReadonlySet<string>;
}

/** A placeholder, where it stands, and what it can see from there. */
interface Site {
  readonly where: string;
  readonly placeholder: Placeholder;
  readonly steps: readonly CheckedStep[];
  readonly index: number;
  readonly keys: CheckOptions['keys'];
}

/** Checks that everything that a template asks for will be there. */
export function references(steps: readonly CheckedStep[], keys: CheckOptions['keys']): References {
  const sites = steps.flatMap((step, index) =>
    step.templates.flatMap(({ field, text }) =>
      placeholders(parse(text)).map((placeholder): Site => {
        return { where: `${step.where}.${field}`, placeholder, steps, index, keys };
      }),
    ),
  );
  const issues = sites.flatMap((site) => {
    const message = mistakeAt(site);
    return message === null
      ? []
      : [{ where: site.where, message: `{{{${site.placeholder.name}}}} ${message}` }];
  });
  const found = sites.map(({ placeholder }) => placeholder);
  return {
    issues: [...unique(issues), ...unnameableIssues(steps)],
    used: new Set(found.flatMap((placeholder) => ('key' in placeholder ? [placeholder.key] : []))),
    contents: new Set(
      found.flatMap((placeholder) => (placeholder.kind === 'content' ? [placeholder.key] : [])),
    ),
    kept: new Set(found.flatMap((placeholder) => (placeholder.kind === 'output' ? [placeholder.step] : []))),
  };
}

function mistakeAt(site: Site): string | null {
  const { placeholder, index } = site;
  switch (placeholder.kind) {
    case 'previous':
      return index > 0 ? null : 'has nothing to stand for: the first step has no previous output';
    case 'output':
      return stepMistake(placeholder.step, site);
    case 'unknown':
      return isUnnameable(site) ? null : undefinedMistake(site);
    default:
      return keyMistake(placeholder.key, site);
  }
}

/** `{{{steps.a.b}}}` of a step called `a.b` has an issue of its own. */
function isUnnameable({ placeholder, steps, index }: Site): boolean {
  return unnameable(steps, index).some((name) => placeholder.name === `steps.${name}`);
}

function keyMistake(name: string, site: Site): string | null {
  const key = site.keys.find((candidate) => candidate.name === name);
  if (!key) return undefinedMistake(site);
  if (!key.values || site.placeholder.kind === 'content') return null;
  return `stands for a path, but key ${name} has values; use {{{${name}}}}`;
}

function stepMistake(name: string, site: Site): string | null {
  const bearers = site.steps.flatMap((step, index) => (step.name === name ? [{ ...step, index }] : []));
  const [bearer, second] = bearers;
  if (!bearer) return undefinedMistake(site);
  if (second) {
    return `is ambiguous: ${bearers.map(({ where }) => where).join(' and ')} are both called that; give the one you mean a name`;
  }
  if (bearer.index < site.index) return null;
  if (bearer.index === site.index) return 'is this step itself; only outputs of earlier steps can be put in';
  return `is a later step (${bearer.where}); only outputs of earlier steps can be put in`;
}

function undefinedMistake(site: Site): string {
  const { placeholder, index, keys } = site;
  const ofKeys = keys.flatMap(({ name, values }) =>
    values ? [name] : [name, `${name}.path`, `${name}.file`],
  );
  const ofSteps = earlierNames(site).map((name) => `steps.${name}`);
  const near = nearest(placeholder.name, [...ofKeys, ...ofSteps, ...(index > 0 ? ['previous'] : [])]);
  return `is not defined${near === null ? '.' : `; did you mean {{{${near}}}}?`} ${known(site)}`;
}

/** What could stand there instead. */
function known(site: Site): string {
  const { placeholder, keys } = site;
  if (placeholder.kind === 'output') return `Earlier steps: ${earlierNames(site).join(', ') || 'none'}`;
  const key = 'key' in placeholder ? placeholder.key : 'name';
  return `Keys: ${keys.map(({ name }) => name).join(', ') || `none, define one with --key ${key}:list.txt`}`;
}

/** Those that a placeholder can refer to. */
function earlierNames({ steps, index }: Site): string[] {
  const names = steps.map(({ name }) => name);
  return names
    .slice(0, index)
    .filter((name, at) => isIdentifier(name) && names.indexOf(name) === at && names.lastIndexOf(name) === at);
}

/** One placeholder that stands twice in a template is one mistake. */
function unique(issues: readonly Issue[]): Issue[] {
  return [...new Map(issues.map((issue) => [`${issue.where}\0${issue.message}`, issue])).values()];
}
