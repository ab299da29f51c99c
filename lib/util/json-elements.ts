/**
 * The texts of the elements of a JSON array, as they stand: a number keeps its digits, an object the order of its keys. (A
 * parser gives values, and of 1610521604143693812 another one.)
 *
 * @param json has to be valid: one that JSON.parse has taken
 */
export function elementTexts(json: string): string[] {
  const texts: string[] = [];
  let depth = 0;
  let start = 0;
  const take = (end: number) => {
    const text = json.slice(start, end).trim();
    if (text !== '') texts.push(text);
    start = end + 1;
  };
  for (let position = 0; position < json.length; position++) {
    switch (json[position]) {
      case '"':
        position = endOfString(json, position);
        break;
      case '[':
      case '{':
        if (depth++ === 0) start = position + 1;
        break;
      case ']':
      case '}':
        if (--depth === 0) take(position);
        break;
      case ',':
        if (depth === 1) take(position);
    }
  }
  return texts;
}

/** Where the string that begins at `start` has its closing quote: one without a backslash that makes it a character. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end;
}

/** After an odd number of backslashes. */
function isEscaped(json: string, position: number): boolean {
  let before = position;
  while (json[before - 1] === '\\') before--;
  return (position - before) % 2 === 1;
}
