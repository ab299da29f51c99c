import { StepFailure } from '../../errors.js';
import type { StepContext } from '../../step/step.js';
import { redactedText } from '../../util/redact.js';
import { sentSchema } from '../answer-schema.js';
import { byPath } from '../by-path.js';
import type { Checked, StepBody, StepEnvironment } from '../contract.js';
import { fittingOf } from '../fitting.js';
import { checkFolder, checkPrompt, checkSchema } from './check.js';
import type { CodexConfig } from './config.js';
import { discard, type Files, makeFiles, publish, readMessage } from './files.js';
import { fingerprintOf } from './fingerprint.js';
import type { Job } from './turn/call.js';
import { commandLine } from './turn/detail.js';
import { Turn } from './turn/turn.js';
import { type CodexEnd, messageWriteFailure, verdict } from './turn/verdict.js';
import { workerFor } from './turn/worker.js';
import { workplaceFor } from './worktrees/workplace.js';

/** Makes the step: checks the folder, the program and the schema. */
export async function createCodex(config: Checked<CodexConfig>, setup: StepEnvironment): Promise<StepBody> {
  const { prompt: template = '', schema } = config;
  const { detail } = setup;
  const workdir = await checkFolder(config, setup);
  const fitting = await fittingOf(schema ?? null, 'the final message', setup.where);
  await checkSchema(config, setup);
  const { ask, secrets } = await workerFor(config, workdir, setup);
  const workplace = await workplaceFor(config, workdir, setup);
  const render = setup.prompt(template, workdir, Boolean(config.worktree));
  return {
    settles: true,
    lane: { type: 'codex' },
    fingerprint: await fingerprintOf(config, { workdir, workplace, render }, setup),
    close: workplace.close,
    async run(flow, context) {
      const prompt = checkPrompt(await render(flow, context), byPath(render.names, flow));
      const files = await makeFiles(
        setup.artefacts,
        redactedText(prompt, secrets),
        schema && sentSchema(schema),
      );
      const listener = detail && ((line: string) => detail(flow, line));
      const job = { prompt, files, turn: new Turn(), signal: context.signal, detail: listener };
      context.tell({ folder: files.folder });
      try {
        const message = await workplace.within({ flow, context, files }, async (folder) => {
          const end = await ask(job, folder, context).finally(() => tellOf(job.turn, config, setup, context));
          return fitting(await answerOf(job, end));
        });
        await publish(files);
        context.tell({ path: files.told });
        warnOfCutOff(job, setup);
        return message;
      } catch (error) {
        throw located(error, files);
      } finally {
        await discard(files);
      }
    },
  };
}

/** The final message. Throws where it can't be taken for one. */
async function answerOf({ turn, files }: Job, end: CodexEnd): Promise<string> {
  const message = await readMessage(files);
  const failure = messageWriteFailure(end, files.partial) ?? verdict(turn, end, message, Date.now());
  if (failure) throw failure;
  return message;
}

/** Also after a failure: tokens were paid for, and files may have been changed. */
function tellOf(
  { usage, threadId, commands, running, filesChanged }: Turn,
  { model }: Checked<CodexConfig>,
  { simulation }: StepEnvironment,
  context: StepContext,
): void {
  context.tell({
    ...(usage && { usage }),
    ...(model !== undefined && { model }),
    ...(threadId !== undefined && { threadId }),
    commands,
    ...(running.length > 0 && { commandsCutOff: running.length }),
    filesChanged,
    ...(simulation && { simulated: true }),
  });
}

/**
 * The model may have left a server running on purpose, or a build whose end it didn't wait for: the user has to know.
 */
function warnOfCutOff({ turn: { running }, files }: Job, { notice }: StepEnvironment): void {
  const [first, ...others] = running;
  if (first === undefined) return;
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  notice(
    `codex ended its turn before a command of the model had ended; it was ended with codex: ${commandLine(first)}${more}; ` +
      `see ${files.folder}`,
  );
}

/** The folder holds the events and stderr: the message of a failure leads there. */
function located(error: unknown, { folder }: Files): unknown {
  if (!(error instanceof StepFailure)) return error;
  return new StepFailure(error.kind, `${error.message}; see ${folder}`, error);
}
