import type { Issue } from '../errors.js';
import type { LaneId } from '../step/lane.js';
import type { LaneSettings, LanesSettings } from './settings.js';

/** By its type, or by its type and model: what users set limits for. */
type Named = Pick<LaneId, 'type' | 'model'>;

/** `openai/gpt-5.5`, or `cmd` where models have no limits of their own. */
export function fullName({ type, model }: Named): string {
  return model === undefined ? type : `${type}/${model}`;
}

/** As the user knows it: by its type where no other of a run's lanes is of that. */
export function nameAmong(all: readonly Named[], lane: Named): string {
  const isOnly = all.filter(({ type }) => type === lane.type).length === 1;
  return isOnly ? lane.type : fullName(lane);
}

/** Settings of the model take precedence over those of the type. */
export function settingsFor(settings: LanesSettings, lane: Named): LaneSettings {
  return { ...settings[lane.type], ...settings[fullName(lane)] };
}

/** A warning for each name in the settings that no lane goes by. */
export function unusedLanes(settings: LanesSettings, lanes: readonly Named[]): Issue[] {
  const used = new Set(lanes.flatMap((lane) => [lane.type, fullName(lane)]));
  const unused = Object.keys(settings).filter((name) => !used.has(name));
  return unused.map((name) => ({ where: `lane ${name}`, message: 'no step uses it' }));
}
