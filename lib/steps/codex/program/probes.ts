import { text } from 'node:stream/consumers';
import { messageOf } from '../../../errors.js';
import { runProcess } from '../../../processes/run-process.js';
import { RunningTimer } from '../../../util/running-timer.js';
import type { Artefacts } from '../../artefacts.js';
import type { Checked, StepEnvironment } from '../../contract.js';
import type { CodexConfig } from '../config.js';
import type { Environment } from './environment.js';
import type { Provider } from './provider.js';

/** None of them takes a second; one that hangs must not hold up the run for good. */
const PATIENCE_MS = 20_000;

/** A codex, and where it would work. */
export interface Installed {
  readonly file: string;
  readonly cwd: string;
  readonly env: Environment;
}

/** A codex, and the step's demands on it. */
export interface Wanted extends Installed {
  readonly config: Checked<CodexConfig>;
  readonly provider: Provider;
}

/** The answer of codex to a question that costs nothing. */
export interface Answer {
  /** Null where it didn't answer at all. */
  readonly exitCode: number | null;
  /** Its stdout and its stderr, or why there is none. */
  readonly said: string;
}

/** Asks codex by its arguments. */
export type Ask = (...args: string[]) => Promise<Answer>;

/** The answers of each run, by its artefacts. */
const answersOf = new WeakMap<Artefacts, Map<string, Promise<Answer>>>();

/** Asks the same question once a run, however many steps have it. */
export function asking(
  { file, cwd, env }: Installed,
  { artefacts, signal }: Pick<StepEnvironment, 'artefacts' | 'signal'>,
): Ask {
  const codex = { file, cwd, env };
  const answers = answersOf.get(artefacts) ?? new Map<string, Promise<Answer>>();
  answersOf.set(artefacts, answers);
  return (...args) => {
    const question = JSON.stringify([codex, args]);
    const answer = answers.get(question) ?? ask(codex, args, signal);
    answers.set(question, answer);
    return answer;
  };
}

async function ask(
  { file, cwd, env }: Installed,
  args: readonly string[],
  over: AbortSignal,
): Promise<Answer> {
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, over]);
  const patience = new RunningTimer(PATIENCE_MS, () =>
    controller.abort(new Error('it took too long to answer')),
  );
  try {
    const { exitCode, stdout, stderr } = await runProcess(
      { file, args, cwd, env, stdin: '', signal },
      text,
      text,
    );
    return { exitCode, said: `${stdout}\n${stderr}` };
  } catch (error) {
    return { exitCode: null, said: messageOf(error) };
  } finally {
    patience.clear();
  }
}
