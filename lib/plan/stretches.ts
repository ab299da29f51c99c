/** What the stretches of a text are made of. Marks and halves of surrogate pairs go on with whatever they follow. */
const Kind = { joins: 0, letters: 1, spaces: 2, digits: 3, signs: 4 } as const;

/** No word is longer. */
const LONGEST = 256;

let kinds: Uint8Array | undefined;

/**
 * The text, cut where it stays of one kind for more than 256 characters: counting tokens takes the square of the
 * length of such a stretch.
 */
export function* withoutLongStretches(text: string): Generator<string, void, undefined> {
  const kindOf = kinds ?? kindsOfCharacters();
  let start = 0;
  let kind: number = Kind.joins;
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const next = kindOf[text.charCodeAt(at)] ?? Kind.joins;
    const goesOn = next === kind || next === Kind.joins;
    if (!goesOn) kind = next;
    length = goesOn ? length + 1 : 1;
    if (length > LONGEST) {
      yield text.slice(start, at);
      start = at;
      length = 1;
    }
  }
  yield text.slice(start);
}

/** Whether a letter of the basic plane stands there. */
export function isLetter(text: string, at: number): boolean {
  return (kinds ?? kindsOfCharacters())[text.charCodeAt(at)] === Kind.letters;
}

/** Of every UTF-16 unit; takes 20 ms, once. */
function kindsOfCharacters(): Uint8Array {
  kinds = Uint8Array.from({ length: 2 ** 16 }, (_, unit) => kindOfCharacter(String.fromCharCode(unit)));
  return kinds;
}

function kindOfCharacter(character: string): number {
  if (/[\p{M}\p{Cs}]/u.test(character)) return Kind.joins;
  if (/\p{L}/u.test(character)) return Kind.letters;
  if (/\s/u.test(character)) return Kind.spaces;
  return /\p{N}/u.test(character) ? Kind.digits : Kind.signs;
}
