import { pidFileIn } from '../../../processes/pid-file.js';
import type { StepContext } from '../../../step/step.js';
import type { Checked, StepEnvironment } from '../../contract.js';
import { checkTemplate } from '../check.js';
import type { CodexConfig } from '../config.js';
import { redactMessage } from '../files.js';
import { argumentsOf } from '../program/arguments.js';
import { programFor } from '../program/program.js';
import { callCodex, type Job } from './call.js';
import { simulateCodex } from './simulated.js';
import type { CodexEnd } from './verdict.js';

/** Without an event for so long, in seconds, codex is taken for stuck. */
const IDLE_TIMEOUT = 600;

/** Runs codex. */
export interface CodexRunner {
  ask(job: Job, folder: string, context: StepContext): Promise<CodexEnd>;
  /** Values that must not be found in any file. */
  readonly secrets: readonly string[];
}

/** Codex, or its stand-in. Throws a ConfigError where codex can't do the step's work. */
export async function workerFor(
  config: Checked<CodexConfig>,
  workdir: string,
  setup: StepEnvironment,
): Promise<CodexRunner> {
  const { model, schema } = config;
  const { simulation } = setup;
  return simulation
    ? { ask: (job) => simulateCodex({ simulation, model, schema }, job), secrets: [] }
    : codexFor(config, workdir, setup);
}

async function codexFor(
  config: Checked<CodexConfig>,
  workdir: string,
  setup: StepEnvironment,
): Promise<CodexRunner> {
  checkTemplate(config, setup);
  const program = await programFor(config, workdir, setup);
  const { file, env, home, secrets } = program;
  const pidFile = pidFileIn(setup.artefacts.directory);
  const options = { idleTimeout: config.idleTimeout ?? IDLE_TIMEOUT, secrets };
  async function ask(job: Job, folder: string, { wait }: StepContext): Promise<CodexEnd> {
    const { files, prompt, signal } = job;
    const leave = await wait(home.turn(signal));
    const args = argumentsOf(config, folder, files, program);
    const command = { file, args, cwd: folder, env, stdin: prompt, signal, wait, pidFile };
    try {
      const end = await callCodex(command, { ...job, onThread: () => leave(true) }, options);
      await redactMessage(files, secrets);
      return end;
    } finally {
      leave(false);
    }
  }
  return { ask, secrets };
}
