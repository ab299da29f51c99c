import { StepFailure } from '../../errors.js';
import { ledgerIn } from '../../processes/ledger.js';
import type { Misfit } from '../../schema.js';
import type { StepContext } from '../../step.js';
import type { Checked, Runnable, Setup } from '../contract.js';
import { argumentsOf } from './arguments.js';
import { basisOf } from './basis.js';
import { callCodex, type Job } from './call.js';
import { checkFolder, checkMessage, checkPrompt, checkTemplate, misfitOf } from './check.js';
import type { CodexConfig } from './config.js';
import { discard, type Files, makeFiles, publish, readMessage, redactMessage } from './files.js';
import { programFor } from './program.js';
import { simulateCodex } from './simulated.js';
import { Turn } from './turn.js';
import { type CodexEnd, verdict } from './verdict.js';
import { workplaceFor } from './workplace.js';

/** Without an event for so long, in seconds, codex is taken for stuck. */
const IDLE_TIMEOUT = 600;

/** Makes the step: checks the folder, the program and the schema. */
export async function createCodex(config: Checked<CodexConfig>, setup: Setup): Promise<Runnable> {
  const { prompt: template = '', schema } = config;
  const { detail } = setup;
  const workdir = await checkFolder(config, setup);
  const misfit = await misfitOf(config, setup);
  const ask = await workerFor(config, workdir, setup);
  const workplace = await workplaceFor(config, workdir, setup);
  const render = setup.prompt(template, workdir, Boolean(config.worktree));
  return {
    settles: true,
    lane: { type: 'codex' },
    basis: await basisOf(config, { workdir, workplace, render }, setup),
    close: workplace.close,
    async run(flow, context) {
      const prompt = checkPrompt(await render(flow, context));
      const files = await makeFiles(setup.artefacts, prompt, schema);
      const listener = detail && ((line: string) => detail(flow, line));
      const job = { prompt, files, turn: new Turn(), signal: context.signal, detail: listener };
      context.tell({ folder: files.folder });
      try {
        const message = await workplace.within({ flow, context, files }, async (folder) => {
          const end = await ask(job, folder, context).finally(() => tellOf(job.turn, config, setup, context));
          return answerOf(job, end, misfit);
        });
        await publish(files);
        context.tell({ path: files.told });
        return message;
      } catch (error) {
        throw located(error, files);
      } finally {
        await discard(files);
      }
    },
  };
}

type Ask = (job: Job, folder: string, context: StepContext) => Promise<CodexEnd>;

async function workerFor(config: Checked<CodexConfig>, workdir: string, setup: Setup): Promise<Ask> {
  const { model, schema, idleTimeout = IDLE_TIMEOUT } = config;
  const { simulation } = setup;
  if (simulation) return (job) => simulateCodex({ simulation, model, schema }, job);
  checkTemplate(config, setup);
  const { file, env, home, secrets } = await programFor(config, workdir, setup);
  const ledger = ledgerIn(setup.artefacts.directory);
  return async (job, folder, { wait }) => {
    const leave = await wait(home.turn(job.signal));
    const args = argumentsOf(config, folder, job.files);
    const command = { file, args, cwd: folder, env, stdin: job.prompt, signal: job.signal, ledger };
    try {
      const end = await callCodex(command, { ...job, onThread: () => leave(true) }, { idleTimeout, secrets });
      await redactMessage(job.files, secrets);
      return end;
    } finally {
      leave(false);
    }
  };
}

/** The final message. Throws where it can't be taken for one. */
async function answerOf({ turn, files }: Job, end: CodexEnd, misfit: Misfit | null): Promise<string> {
  const message = await readMessage(files);
  const failure = verdict(turn, end, message, Date.now());
  if (failure) throw failure;
  checkMessage(message, misfit);
  return message;
}

/** Also after a failure: tokens were paid for, and files may have been changed. */
function tellOf(
  { usage, threadId, commands, filesChanged }: Turn,
  { model }: Checked<CodexConfig>,
  { simulation }: Setup,
  context: StepContext,
): void {
  context.tell({
    ...(usage && { usage }),
    ...(model !== undefined && { model }),
    ...(threadId !== undefined && { threadId }),
    commands,
    filesChanged,
    ...(simulation && { simulated: true }),
  });
}

/** The folder holds the events and stderr: the message of a failure leads there. */
function located(error: unknown, { folder }: Files): unknown {
  if (!(error instanceof StepFailure)) return error;
  return new StepFailure(error.kind, `${error.message}; see ${folder}`, error);
}
