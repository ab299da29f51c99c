import type { Issue } from '../errors.js';
import type { KnownKey } from '../inputs/key-source.js';
import type { ModelCall, Operating, StepBody, StepEnvironment, TemplateField } from '../steps/contract.js';
import type { KnownType } from '../steps/define-type.js';

/** The context in which a list of steps is checked. */
export interface CheckOptions {
  readonly types: readonly KnownType[];
  /** The keys that placeholders can name. */
  readonly keys: readonly KnownKey[];
  /** Names of keys that have mistakes of their own: references to them aren't reported, too. */
  readonly brokenKeys?: readonly string[];
  /** Absolute; relative paths resolve against it. */
  readonly folder: string;
  /** Field values for steps that don't set them, by type; as it stands in the config. */
  readonly defaults?: unknown;
}

/** A step from a config that fits its type. */
export interface ConfigStep {
  readonly kind: 'config';
  /** `steps[1]`, for issues. */
  readonly where: string;
  readonly name: string;
  readonly type: string;
  /** Its own, or its type's. */
  readonly retries?: number;
  readonly timeout?: number;
  readonly parallel?: number;
  readonly array?: boolean;
  readonly share?: boolean;
  /** False where the previous output must not be appended. */
  readonly previous: boolean;
  /** The model that it asks; null where it asks none. */
  readonly modelCall: ModelCall | null;
  /** True if its work leaves files in the folder for artefacts. */
  readonly leavesFiles: boolean;
  readonly templates: readonly TemplateField[];
  create(setup: StepEnvironment): Promise<StepBody | Operating>;
}

/** A step that was given ready-made; the caller has it at the same position. */
interface ReadyStep {
  readonly kind: 'ready';
  readonly where: string;
  readonly name: string;
  /** An operator, not a function. */
  readonly operates: boolean;
  readonly templates: readonly [];
}

/** A position whose step has issues; its name and its templates where they are known. */
interface BrokenStep {
  readonly kind: 'broken';
  readonly where: string;
  readonly name: string;
  readonly templates: readonly TemplateField[];
}

export type CheckedStep = ConfigStep | ReadyStep | BrokenStep;

export function isConfig(step: CheckedStep): step is ConfigStep {
  return step.kind === 'config';
}

/** A step with its issues; `named` says that the name was given, not taken from the type. */
export interface StepResult {
  readonly step: CheckedStep;
  readonly named: boolean;
  readonly issues: readonly Issue[];
}
