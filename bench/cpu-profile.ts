import { readFileSync } from 'node:fs';

/** A moment of a CPU profile. */
export interface Sample {
  /** Microseconds. */
  readonly time: number;
  /** The function that ran, and where it stands. */
  readonly place: string;
  /** What it ran for: the room of the nearest function of ours that had called it. */
  readonly room: string;
}

interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: Frame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** By file of the package, or by function where a file serves two. */
const ROOMS: readonly (readonly [RegExp, string])[] = [
  [/^announce\w* |progress\.js|throttle-latest\.js/, 'events and progress'],
  [/dist\/inputs\//, 'product and ids'],
  [/dist\/record\.js/, 'records'],
  [/dist\/cli\/writer\.js|dist\/delivery\.js|^deliver /, 'JSON and writes'],
  [/dist\/(visit|attempt|leg|gate|iso-time|flow)\.js|^work /, 'steps'],
  [/dist\/lift\.js/, 'foreign operators'],
  [/dist\/(run|journey|departure|pipeline|engine|operators\/\w+)\.js/, 'admission and slots'],
];

export function samplesOf(file: string): Sample[] {
  const { nodes, samples, timeDeltas }: CpuProfile = JSON.parse(readFileSync(file, 'utf8'));
  const frames = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));

  const roomOf = (id: number | undefined): string => {
    const frame = id === undefined ? undefined : frames.get(id);
    if (!frame) return 'start-up and the rest';
    if (frame.functionName === '(garbage collector)') return 'garbage collection';
    const name = `${frame.functionName} ${frame.url}`;
    const room = ROOMS.find(([pattern]) => pattern.test(name) && !name.includes('node_modules'));
    return room ? room[1] : roomOf(id === undefined ? undefined : parents.get(id));
  };

  return samples.map((id, at) => ({
    time: timeDeltas[at] ?? 0,
    place: placeOf(frames.get(id)),
    room: roomOf(id),
  }));
}

function placeOf(frame: Frame | undefined): string {
  if (!frame) return '?';
  const file = frame.url.replace(/^.*\/(?=(dist|bench)\/|node_modules\/)/, '').replace('node_modules/', '');
  return `${frame.functionName || '(anonymous)'}${file ? `  ${file}:${frame.lineNumber + 1}` : ''}`;
}
