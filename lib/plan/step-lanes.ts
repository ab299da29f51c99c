import type { LaneSettings, LanesSettings } from '../lanes/settings.js';
import type { StepForecast } from './step-forecast.js';

/** Steps whose calls share limits. */
export interface StepLane {
  /** As the user knows it: `openai`, or `openai/gpt-5.5` where there are several. */
  readonly name: string;
  readonly settings: LaneSettings;
  readonly steps: readonly StepForecast[];
}

/** The lanes that a run would have, as far as they show beforehand: a model is taken to be on one server. */
export function stepLanes(steps: readonly StepForecast[], settings: LanesSettings): StepLane[] {
  const names = [...new Set(steps.map(fullName))];
  return names.map((name) => {
    const own = steps.filter((step) => fullName(step) === name);
    const type = own[0]?.type ?? name;
    const isOnly = names.filter((other) => typeIn(other) === type).length === 1;
    return { name: isOnly ? type : name, settings: { ...settings[type], ...settings[name] }, steps: own };
  });
}

/** Names in the settings that no lane goes by. */
export function unusedLanes(steps: readonly StepForecast[], settings: LanesSettings): string[] {
  return Object.keys(settings).filter(
    (name) => !steps.some((step) => name === step.type || name === fullName(step)),
  );
}

/** Models of one provider have limits of their own. */
function fullName({ type, model }: StepForecast): string {
  return type === 'openai' && model ? `${type}/${model.name}` : type;
}

function typeIn(name: string): string {
  return name.replace(/\/.*/s, '');
}
