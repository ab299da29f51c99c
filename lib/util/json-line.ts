/**
 * Characters that JSON allows in a text, though some readers take them for the end of a line (NEL, two separators of
 * Unicode), or a
 * terminal obeys it (DEL, the C1 controls, those that turn the direction of a text).
 */
const CONTROLS = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const ALL_CONTROLS = new RegExp(CONTROLS, 'g');

/** A value as JSON that is one line for every reader, and harmless on a terminal. */
export function jsonLine(value: unknown): string {
  return escapeControls(JSON.stringify(value));
}

/** JSON that means the same, with such controls written as escapes. */
export function escapeControls(json: string): string {
  return CONTROLS.test(json) ? json.replace(ALL_CONTROLS, escaped) : json;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
