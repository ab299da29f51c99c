import { fullName, nameAmong, settingsFor } from '../lanes/names.js';
import type { LaneSettings, LanesSettings } from '../lanes/settings.js';
import type { LaneId } from '../step/lane.js';
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
  const lanes = [...new Map(steps.map(laneOf).map((lane) => [fullName(lane), lane])).values()];
  return lanes.map((lane) => ({
    name: nameAmong(lanes, lane),
    settings: settingsFor(settings, lane),
    steps: steps.filter((step) => fullName(laneOf(step)) === fullName(lane)),
  }));
}

/** Models of one provider have limits of their own. */
export function laneOf({ type, model }: StepForecast): LaneId {
  return type === 'openai' && model?.name ? { type, model: model.name } : { type };
}
