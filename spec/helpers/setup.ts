import { tmpdir } from 'node:os';
import { NEVER } from 'rxjs';
import type { Flow, StepFacts } from '../../lib/flow/flow.js';
import type { StepContext } from '../../lib/step/step.js';
import { Artefacts } from '../../lib/steps/artefacts.js';
import type { Render, StepEnvironment } from '../../lib/steps/contract.js';
import { newFlow } from './flows.js';

/** What a step type gets, with templates that put in nothing; a prompt has the previous output appended. */
export function setup(overrides: Partial<StepEnvironment> = {}): StepEnvironment {
  return {
    where: 'steps[0]',
    folder: tmpdir(),
    workdir: tmpdir(),
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    keyNames: [],
    artefacts: new Artefacts(tmpdir()),
    simulation: null,
    parallel: 4,
    flows: 1,
    branches: false,
    listed: () => [],
    finished$: NEVER,
    signal: new AbortController().signal,
    keeps: false,
    before: [],
    share: false,
    allow: { dirty: false, sharedWorkdir: false, danger: false },
    template: (text) => rendering(() => text),
    prompt: (text) => rendering((flow) => (flow.output ? `${text}\n${flow.output}` : text)),
    notice: () => {},
    ...overrides,
  };
}

/** A rendering that is by a function alone. */
export function rendering(render: (flow: Flow) => string): Render {
  return Object.assign(render, { words: [], names: [], inserts: () => [] });
}

/** A template that puts in nothing: its words are what decides it. */
export function worded(text: string): Render {
  return Object.assign(
    rendering(() => text),
    { words: [text] },
  );
}

/** A live flow whose previous output is `output`. */
export function flowWith(output: string): Flow {
  return newFlow({ output });
}

/** The context of one attempt, and what the step told. */
export function contextWith(signal = new AbortController().signal): StepContext & { facts: StepFacts } {
  return {
    signal,
    attempt: 1,
    facts: {},
    read: async () => '',
    wait: (something) => something,
    tell(facts) {
      this.facts = { ...this.facts, ...facts };
    },
  };
}
