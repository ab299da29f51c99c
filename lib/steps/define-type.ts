import type * as z from 'zod';
import type {
  CommonFields,
  FieldMistake,
  ModelCall,
  Operating,
  StepBody,
  StepEnvironment,
  StepType,
  TemplateField,
} from './contract.js';

/** A step's config that fits its type; only the type knows its fields. */
export interface TypedConfig {
  readonly mistakes: readonly FieldMistake[];
  /** Null where it asks no model. */
  readonly modelCall: ModelCall | null;
  templates(): readonly TemplateField[];
  create(setup: StepEnvironment): Promise<StepBody | Operating>;
}

/** A step type as the check of a config sees it, whatever its own fields are. */
export interface KnownType {
  readonly type: string;
  readonly fields: z.ZodType & { readonly shape: z.ZodRawShape };
  readonly paths: readonly string[];
  readonly programs: readonly string[];
  readonly readsAnyKey: boolean;
  readonly retries: number | undefined;
  readonly leavesFiles: boolean;
  /** Checks a step's own fields; those of other kinds are ignored. */
  check(common: CommonFields, own: unknown, explain: z.core.$ZodErrorMap): TypedConfig | z.ZodError;
}

/** Pairs the parsing of a type's fields with its functions, so that types with different fields fit one list. */
export function defineType<C extends CommonFields>(stepType: StepType<C, StepBody | Operating>): KnownType {
  const { type, fields, paths, programs = [], readsAnyKey = false, retries, leavesFiles = false } = stepType;
  return {
    type,
    fields,
    paths,
    programs,
    readsAnyKey,
    retries,
    leavesFiles,
    check(common, own, explain) {
      const { data, error } = fields.safeParse(own, { error: explain });
      if (error) return error;
      const config = { ...common, ...data };
      return {
        mistakes: stepType.mistakes?.(config) ?? [],
        modelCall: stepType.modelCall?.(config) ?? null,
        templates: () => stepType.templates(config),
        create: (setup) => stepType.create(config, setup),
      };
    },
  };
}
