import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import { type ProgressParts, progressLine } from '../../progress/progress.js';

const ELLIPSIS = '…';

/** Columns that a name keeps: `rev…`. */
const SHORTEST_NAME = 4;

/** Columns of the steps that are worth showing. */
const LEAST_CHAIN = 3;

/** How many columns names have at most. */
interface NameWidths {
  /** Of steps without a flow; 0: they aren't named. */
  readonly idle: number;
  readonly busy: number;
}

/** A way to write a state; the shorter names may be, the shorter it is. */
type Form = (nameWidth: number) => string;

/**
 * Writes states of the progress line in at most so many columns. Too long a line is shortened in this order: cost and
 * tokens, zeros (`draft … summary: 3`), names of steps without a flow (`rev… … summary: 3`), the time that is left,
 * names of the others, waits of lanes, remarks, all names. The last ones to go are the numbers of the flows at the
 * steps, and of those that have ended.
 */
export class FittedLine {
  /** Shortened names, by width and name: each takes longer to make than all the rest of a line. */
  readonly #cuts = new Map<string, string>();

  text(parts: ProgressParts, columns: number): string {
    const fits = (line: string) => widthOf(line) <= columns;
    const longest = Math.min(columns, Math.max(0, ...parts.steps.map(({ name }) => name.length * 2)));
    for (const form of this.#forms(parts, longest))
      if (fits(form(SHORTEST_NAME))) return form(widestThatFits(longest, (width) => fits(form(width))));
    const end = ` | ${parts.finished}`;
    const left = columns - widthOf(end);
    return left < LEAST_CHAIN ? cut(parts.finished, columns) : cut(numbersOf(parts), left) + end;
  }

  /** From the longest to the shortest. */
  *#forms(parts: ProgressParts, longest: number): Generator<Form> {
    yield () => progressLine(parts);
    const unpriced = { ...parts, spent: '' };
    yield () => progressLine(unpriced);
    yield (idle) => this.#brief(unpriced, { idle, busy: longest });
    const timeless = { ...unpriced, eta: '' };
    yield () => this.#brief(timeless, { idle: SHORTEST_NAME, busy: longest });
    yield (busy) => this.#brief(timeless, { idle: 0, busy });
    const freed = { ...timeless, waits: [] };
    yield (busy) => this.#brief(freed, { idle: 0, busy });
    const bare = { ...freed, remarks: [] };
    yield (busy) => this.#brief(bare, { idle: 0, busy });
    yield () => progressLine(bare, numbersOf(bare));
  }

  /** Without zeros. The first and the last step are named where there is room: so one sees between which the others are. */
  #brief(parts: ProgressParts, { idle, busy }: NameWidths): string {
    const texts = parts.steps.map(({ name, flows }, at) => {
      if (flows > 0) return `${this.#cut(name, busy)}: ${flows}`;
      const isEnd = at === 0 || at === parts.steps.length - 1;
      return isEnd && idle > 0 ? this.#cut(name, idle) : null;
    });
    return progressLine(parts, chainOf(texts));
  }

  #cut(name: string, columns: number): string {
    const key = `${columns} ${name}`;
    const known = this.#cuts.get(key) ?? cut(name, columns);
    this.#cuts.set(key, known);
    return known;
  }
}

/** One ellipsis stands for a row of steps that aren't shown (null). */
function chainOf(texts: readonly (string | null)[]): string {
  const shown = texts.filter((text, at) => text !== null || texts[at - 1] !== null);
  const gapAt = (at: number) => (shown[at] === null || shown[at - 1] === null ? ' ' : ' -> ');
  return shown.map((text, at) => `${at > 0 ? gapAt(at) : ''}${text ?? ELLIPSIS}`).join('');
}

/** `12 -> 0 -> 1` */
function numbersOf({ steps }: ProgressParts): string {
  return steps.map(({ flows }) => flows).join(' -> ');
}

/** The largest width from that of the shortest names up, which fits. */
function widestThatFits(most: number, fits: (width: number) => boolean): number {
  if (most <= SHORTEST_NAME || fits(most)) return most;
  let [fitting, tooWide] = [SHORTEST_NAME, most];
  while (tooWide - fitting > 1) {
    const middle = Math.floor((fitting + tooWide) / 2);
    if (fits(middle)) fitting = middle;
    else tooWide = middle;
  }
  return fitting;
}

function cut(text: string, columns: number): string {
  return cliTruncate(text, Math.max(columns, 1), { truncationCharacter: ELLIPSIS });
}

/** Some terminals of eastern scripts draw an ellipsis as wide as a letter. */
function widthOf(text: string): number {
  return stringWidth(text.replaceAll(ELLIPSIS, '..'));
}
