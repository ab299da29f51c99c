import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { StepFailure } from '../../lib/errors.js';
import { type ResultRecord, type RunOptions, run } from '../../lib/index.js';
import { Artefacts } from '../../lib/steps/artefacts.js';
import type { CodexConfig } from '../../lib/steps/codex/config.js';
import { codex } from '../../lib/steps/codex.js';
import type { StepEnvironment } from '../../lib/steps/contract.js';
import { codexPlace, type Place } from './codex.js';
import { type ResponsesServer, responsesServer, type Turn } from './responses-server.js';
import { contextWith, flowWith, setup } from './setup.js';

/** The real codex between a loopback server and a place of its own. */
export interface Stage {
  readonly server: ResponsesServer;
  readonly place: Place;
  readonly context: ReturnType<typeof contextWith>;
  /** Runs the step once, without an engine around it; what it tells is in `context.facts`. */
  run(config?: Partial<CodexConfig>, overrides?: Partial<StepEnvironment>): Promise<string>;
  /** Runs a whole run of one flow and this one step; returns its record. */
  record(config?: Partial<CodexConfig>, options?: Partial<RunOptions>): Promise<ResultRecord>;
  /** The artefact folder of the one attempt. */
  folder(): string;
  /** The events that codex left there. */
  events(): { readonly type: string; readonly [field: string]: unknown }[];
}

/** Sets it up, has the test play on it, and takes it down. */
export async function withTurns(
  bin: string,
  turns: readonly Turn[],
  test: (stage: Stage) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  await using server = await responsesServer(turns);
  await using place = await codexPlace(bin, server.port);
  await test(stageOf(server, place, signal));
}

function stageOf(server: ResponsesServer, place: Place, signal: AbortSignal | undefined): Stage {
  const { workdir, env, generated } = place;
  const context = contextWith(signal);
  const folder = () => {
    const [only = '', ...others] = readdirSync(generated).filter((name) => !name.startsWith('.'));
    assert.deepEqual(others, []);
    return join(generated, only);
  };
  return {
    server,
    place,
    context,
    folder,
    async run(config = {}, overrides = {}) {
      const whole = setup({ workdir, env, artefacts: new Artefacts(generated), ...overrides });
      const step = await codex.create({ type: 'codex', prompt: 'Say hello', ...config }, whole);
      return step.run(flowWith(''), context);
    },
    record(config = {}, options = {}) {
      const steps = [{ type: 'codex', prompt: 'Say hello', ...config }];
      return lastValueFrom(run({ steps, workdir, env, generated, ...options }).results$);
    },
    events() {
      const lines = readFileSync(join(folder(), 'events.jsonl'), 'utf8').trim().split('\n');
      return lines.map((line) => JSON.parse(line));
    },
  };
}

/** What a step that is running will fail with. */
export async function failureOf(running: Promise<string>): Promise<StepFailure> {
  const error = await running.then(
    () => assert.fail('it succeeded'),
    (error: unknown) => error,
  );
  assert.ok(error instanceof StepFailure, String(error));
  return error;
}

/** Command lines of the running processes whose environment or working folder leads to the place. */
export function runningIn({ root }: Place): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const environment = readFileSync(join('/proc', pid, 'environ'), 'latin1');
      return environment.includes(root) ? [readFileSync(join('/proc', pid, 'cmdline'), 'latin1')] : [];
    } catch {
      return [];
    }
  });
}
