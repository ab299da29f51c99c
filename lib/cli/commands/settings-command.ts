import { Option } from 'clipanion';
import { ON_LIMIT } from '../../cost/budget.js';
import { parseSimulateOptions } from '../../simulate/options.js';
import { parseLanes } from '../lane-option.js';
import type { RunSettings } from '../run/request.js';
import { BaseCommand } from './base-command.js';
import type { OptionCheck } from './option-check.js';

/** The options that decide the work of a run. */
export abstract class SettingsCommand extends BaseCommand {
  parallel = Option.String('-p,--parallel', {
    description: 'At most N flows in flight (default 4); the others wait.',
  });

  keys = Option.Array('-k,--key', {
    description:
      'name:list. The list is a text file of file paths, one a line; the content of each replaces {{{name}}}. ' +
      'Several keys multiply. A list of - is read from stdin.',
  });

  workdir = Option.String('--workdir', { description: 'Where codex and cmd steps run (default .).' });

  timeout = Option.String('--timeout', {
    description: 'Seconds one attempt of a step may take, unless the step says otherwise (default none).',
  });

  appendFilepath = Option.Boolean('--append-filepath', {
    description: 'Follow each interpolated content by a newline and its path.',
  });

  share = Option.Boolean('--share', {
    description: 'Make equal calls of several flows only once.',
  });

  maxFailures = Option.String('--max-failures', {
    description: 'Admit no more flows after N, or N%, of them have failed (default none).',
  });

  lanes = Option.Array('--lane', {
    description:
      'Ceilings for what steps use: openai:concurrency=200,rpm=5000,tpm=2000000 (calls in flight, calls and tokens ' +
      'a minute). Repeatable; also codex, cmd, and openai/<model>.',
  });

  maxWait = Option.String('--max-wait', {
    description: 'Seconds that one call waits at most for a rate limit or a quota (default 3600).',
  });

  maxCost = Option.String('--max-cost', {
    description:
      'Dollars that the run may cost, resumes included (default none). Every model then needs a price: a listed one, ' +
      'or one in the config.',
  });

  maxTokens = Option.String('--max-tokens', {
    description: 'Tokens, input and output, that the run may use, resumes included (default none).',
  });

  onLimit = Option.String('--on-limit', {
    description:
      'How calls in flight end when that limit is reached: drain (default: they finish) or cancel.',
  });

  allowDirty = Option.Boolean('--allow-dirty', {
    description: 'Let codex work in a worktree although inputs differ from its commit.',
  });

  allowSharedWorkdir = Option.Boolean('--allow-shared-workdir', {
    description: 'Let several codex steps write in one folder at the same time.',
  });

  allowDanger = Option.Boolean('--allow-danger', {
    description: 'Let steps that ask for `danger-full-access` have it.',
  });

  allowUnusedKey = Option.Boolean('--allow-unused-key', {
    description: 'Run although no step uses a key; it multiplies the flows.',
  });

  simulate = Option.String('--simulate', {
    tolerateBoolean: true,
    description:
      'Answer by an embedded stand-in for the model: no key, no network, no bill. Settings: ' +
      '--simulate=latency=200,fail=0.05 (milliseconds, share of requests that fail).',
  });

  /** Options given on the command line: a resume takes the others from its run. */
  protected settings(check: OptionCheck): Partial<RunSettings> {
    const { parallel, keys, workdir, timeout, appendFilepath, share, maxFailures } = this;
    const {
      lanes,
      maxWait,
      maxCost,
      maxTokens,
      onLimit,
      allowDirty,
      allowSharedWorkdir,
      allowDanger,
      allowUnusedKey,
    } = this;
    return given({
      parallel: parallel === undefined ? undefined : check.count('--parallel', parallel),
      keys: keys === undefined ? undefined : check.keys(keys),
      workdir,
      timeout: check.seconds('--timeout', timeout),
      appendFilepath,
      share,
      maxFailures: check.failures('--max-failures', maxFailures),
      lanes: lanes && check.attempt(() => parseLanes(lanes), {}),
      maxWait: check.seconds('--max-wait', maxWait),
      maxCost: check.dollars('--max-cost', maxCost),
      maxTokens: maxTokens === undefined ? undefined : check.count('--max-tokens', maxTokens),
      onLimit: onLimit === undefined ? undefined : check.oneOf('--on-limit', onLimit, ON_LIMIT, 'drain'),
      allowDirty,
      allowSharedWorkdir,
      allowDanger,
      allowUnusedKey,
      simulate: this.#simulation(check),
    });
  }

  #simulation(check: OptionCheck): RunSettings['simulate'] | undefined {
    const { simulate } = this;
    if (typeof simulate !== 'string') return simulate;
    return check.attempt(() => parseSimulateOptions(simulate), true);
  }
}

type Known<T> = { [F in keyof T]?: Exclude<T[F], undefined> };

/** Without the fields that nothing is known of. */
function given<T extends object>(fields: T): Known<T> {
  const known: Known<T> = { ...fields };
  for (const field in known) if (known[field] === undefined) delete known[field];
  return known;
}
