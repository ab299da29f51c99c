import { StepFailure } from '../errors.js';
import { type GitPlace, git } from './git.js';

/**
 * Settings that name a program, or want one, and their stand-ins; a driver's stand-in is how git merges text where none
 * is named.
 */
const PROGRAMS: readonly (readonly [setting: RegExp, standIn: string])[] = [
  [/^filter\..+\.(clean|smudge|process|required)$/s, ''],
  [/^merge\..+\.driver$/s, 'git merge-file --marker-size=%L %A %O %B'],
  [/^lfs\.(extension\..+\.(clean|smudge)|customtransfer\..+\.path)$/s, ''],
  [/^lfs\.(.+\.)?standalonetransferagent$/s, ''],
  [/^core\.(sshcommand|askpass|gitproxy)$/, ''],
  [/^credential\.(.+\.)?helper$/s, ''],
];

/** Beside the hooks in their folder, from git 2.54 on (git-scm.com/docs/git-hook, 2026-11). */
const HOOK = /^(hook\..+)\.[^.]+$/s;

interface Setting {
  readonly name: string;
  readonly value: string;
  /** The repository itself has it, or the worktree: not the user, nor the system. */
  readonly isOwn: boolean;
}

/**
 * A place where git runs no hook, and no program that the repository's own settings name. A model may have written
 * those (codex before 0.138 lets it, in the workdir itself), and the .gitattributes that call for them. The user's own
 * settings and the system's hold. Call it anew each time: settings change.
 */
export async function guarded(place: GitPlace): Promise<GitPlace> {
  const settings = await settingsAt(place);
  const standIns = ownPrograms(settings).flatMap((name) => {
    const users = settings.filter((setting) => setting.name === name && !setting.isOwn);
    // The last value counts; of a setting with several, an empty one ends those before it.
    return [[name, standInOf(name)], ...users.map(({ value }) => [name, value])];
  });
  const hooks = new Set(settings.flatMap(({ name }) => HOOK.exec(name)?.[1] ?? []));
  const further = [...standIns, ...[...hooks].map((hook) => [`${hook}.enabled`, 'false'])];
  assertSayable(further.map(([name = '']) => name));
  return { ...place, settings: [...(place.settings ?? []), ...further.map((words) => words.join('='))] };
}

/** The filters and drivers that the repository alone names. None of them runs, so their effect on files is missing. */
export async function filtersLeftOut(place: GitPlace): Promise<readonly string[]> {
  const settings = await settingsAt(place);
  const users = new Set(settings.flatMap(({ name, isOwn }) => (isOwn ? [] : [name])));
  const programs = ownPrograms(settings).filter((name) => !users.has(name));
  return [...new Set(programs.flatMap((name) => /^((filter|merge)\..+)\.[^.]+$/s.exec(name)?.[1] ?? []))];
}

function ownPrograms(settings: readonly Setting[]): string[] {
  const own = settings.filter(({ name, isOwn }) => isOwn && standInOf(name) !== undefined);
  return [...new Set(own.map(({ name }) => name))];
}

function standInOf(name: string): string | undefined {
  return PROGRAMS.find(([setting]) => setting.test(name))?.[1];
}

/** `-c` takes the first = for the end of a name. */
function assertSayable(names: readonly string[]): void {
  const name = names.find((each) => each.includes('='));
  if (name === undefined) return;
  throw new StepFailure('exit', `a setting has a = in its name, and git can't be told to leave it: ${name}`, {
    hint: 'Take it out of the .git/config of the repository, unless you know who wrote it there.',
  });
}

async function settingsAt(place: GitPlace): Promise<Setting[]> {
  const list = (await git(['config', '--list', '--show-scope', '-z'], place)).toString();
  const settings: Setting[] = [];
  const words = list.split('\0');
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [name = '', ...value] = words[at + 1]?.split('\n') ?? [];
    settings.push({ name, value: value.join('\n'), isOwn: /^(local|worktree)$/.test(words[at] ?? '') });
  }
  return settings;
}
