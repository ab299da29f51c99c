import { NEVER } from 'rxjs';
import { ConfigError } from '../errors.js';
import { definitionsOf } from '../keys.js';
import { oneLine } from '../one-line.js';
import { lookedInto } from '../outlook/looked-into.js';
import { Outlook } from '../outlook/outlook.js';
import { prepare } from '../prepare.js';
import { type JournalView, viewJournal } from '../store/journal-view.js';
import { ExitCode } from './exit-codes.js';
import { explanationOf, explanationOfAll } from './explanation.js';
import { requireJournal } from './kept-journal.js';
import { asKept } from './kept-run.js';
import { writeLines } from './lines.js';
import { coloursFor } from './output.js';
import type { RunRequest } from './request.js';
import { type RunInput, runInput } from './run-input.js';
import type { Streams } from './run-session.js';

/** What `explain` is asked. */
export interface ExplainRequest extends RunRequest {
  /** The flow that is asked about: its id, or the beginning of that. */
  readonly flow?: string | undefined;
}

/** Says on stdout what the resume that is asked for would do. Nothing is started. */
export async function explainSession(request: ExplainRequest, streams: Streams): Promise<ExitCode> {
  const input = await runInput(request, streams.stdin);
  if (!input.kept) {
    const message = 'it explains what a resume would do; name the run with --resume';
    throw new ConfigError([...request.issues, { where: '--explain', message }]);
  }
  await requireJournal(input.kept.folder);
  const view = await viewJournal(input.kept.folder);
  try {
    await explain(request, input, view, streams);
  } finally {
    await view.close();
  }
  return ExitCode.done;
}

async function explain(
  { flow }: ExplainRequest,
  { options, kept }: RunInput,
  view: JournalView,
  { stdout, stderr, env }: Streams,
): Promise<void> {
  const { dim } = coloursFor(stderr, env);
  const onNotice = (line: string) => stderr.write(`${dim(oneLine(line))}\n`);
  const prepared = await prepare({ ...options, store: lookedInto(view), onNotice }, NEVER);
  try {
    const { steps, kept: outputs } = prepared;
    const now = asKept(definitionsOf(steps));
    const outlook = new Outlook({ steps, kept: outputs, view, now, was: kept?.definitions ?? {} });
    const explained = { prepared, outlook };
    await writeLines(
      stdout,
      flow === undefined ? explanationOfAll(explained) : explanationOf(flow, explained),
    );
  } finally {
    await prepared.close();
  }
}
