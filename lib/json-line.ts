/** What readers of lines take for the end of one, though JSON lets it stand in a text: NEL and two separators of Unicode. */
const LINE_ENDS = /[\u0085\u2028\u2029]/;
const ALL_LINE_ENDS = new RegExp(LINE_ENDS, 'g');

/** A value as JSON that is one line for every reader. */
export function jsonLine(value: unknown): string {
  return withoutLineEnds(JSON.stringify(value));
}

/** JSON that means the same, with what ends a line for some readers written as an escape. */
export function withoutLineEnds(json: string): string {
  return LINE_ENDS.test(json) ? json.replace(ALL_LINE_ENDS, escaped) : json;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
