/** A config isn't nested deeper: checks and tools that walk through it would run out of stack. */
export const MOST_CONFIG_LEVELS = 200;
/** Deeper nesting in JSON of a model, or of a program, would run later steps out of stack. */
export const MOST_JSON_LEVELS = 1000;

/** True if lists and objects are nested more than so many levels deep; also where one contains itself. */
export function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner));
}
