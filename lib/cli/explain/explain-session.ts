import { NEVER } from 'rxjs';
import { definitionsOf } from '../../cache/cache-keys.js';
import { ConfigError } from '../../errors.js';
import { type Prepared, prepare } from '../../prepare/prepare.js';
import { JournalHistory, readOnlyStore } from '../../preview/history.js';
import { ResumePreview } from '../../preview/preview.js';
import type { UncheckedOptions } from '../../run-options.js';
import { UntrustedRun } from '../../store/errors.js';
import { type JournalView, viewJournal } from '../../store/journal-view.js';
import { readRunFile } from '../../store/run-file.js';
import { oneLine } from '../../util/text.js';
import { ExitCode } from '../exit-codes.js';
import { coloursFor, type Streams } from '../output.js';
import type { RunRequest } from '../run/request.js';
import { runInput } from '../run/run-input.js';
import { asSaved, factsIn, type SavedRun } from '../runs/saved-run.js';
import { writeLines } from '../writer.js';
import { explanationOf, explanationOfAll } from './explanation.js';
import { FlowChoice } from './flow-choice.js';

/** The request of `explain`. */
export interface ExplainRequest extends RunRequest {
  /** The flow that is asked about: its id or the beginning of that, or KEY=VALUE pairs. Default: all. */
  readonly flow?: readonly string[];
}

/** Prints on stdout what the requested resume would do. Starts nothing. */
export async function explainSession(request: ExplainRequest, streams: Streams): Promise<ExitCode> {
  const { flow = [] } = request;
  const choice = flow.length > 0 ? new FlowChoice(flow) : undefined;
  const { kept, options } = await runInput(request, streams.stdin);
  if (!kept) {
    const message = 'it explains what a resume would do; name the run with --resume';
    throw new ConfigError([...request.issues, { where: '--explain', message }]);
  }
  const view = await viewJournal(kept.folder, kept.signer);
  try {
    if (!view.isSigned && !request.trustRun) throw new UntrustedRun(kept.folder);
    await explain({ kept, options, view, choice }, streams);
  } finally {
    await view.close();
  }
  return ExitCode.done;
}

interface Explaining {
  readonly choice: FlowChoice | undefined;
  readonly kept: SavedRun;
  readonly options: UncheckedOptions;
  readonly view: JournalView;
}

async function explain(
  { kept, options, view, choice }: Explaining,
  { stdout, stderr, env }: Streams,
): Promise<void> {
  const { dim } = coloursFor(stderr, env);
  const onNotice = (line: string) => stderr.write(`${dim(oneLine(line))}\n`);
  const prepared = await prepare({ ...options, store: readOnlyStore(view), onNotice }, NEVER);
  try {
    choice?.check(Object.keys(options.keys ?? {}));
    const preview = await outlookOf(prepared, kept, view);
    const explained = { prepared, preview, past: new JournalHistory(view) };
    await writeLines(stdout, choice ? explanationOf(choice, explained) : explanationOfAll(explained));
  } finally {
    await prepared.close();
  }
}

async function outlookOf(
  { steps, kept: outputs }: Prepared,
  { folder, definitions }: SavedRun,
  view: JournalView,
): Promise<ResumePreview> {
  const { flows } = factsIn(await readRunFile(folder));
  const now = asSaved(definitionsOf(steps));
  return new ResumePreview({ steps, kept: outputs, view, now, was: definitions, complete: flows !== null });
}
