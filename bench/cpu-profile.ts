import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

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
  readonly columnNumber: number;
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
  [/^announce\w* |lib\/(progress\/[\w-]+|flow\/events)\.ts|throttle-latest\.ts/, 'events and progress'],
  [/lib\/inputs\//, 'product and ids'],
  [/lib\/flow\/record\.ts/, 'records'],
  [/lib\/cli\/writer\.ts|^deliver /, 'JSON and writes'],
  [/lib\/(visit\/[\w-]+|engine\/leg|lanes\/gate|util\/iso-time|flow\/flow)\.ts|^work /, 'steps'],
  [/lib\/engine\/lift\.ts/, 'foreign operators'],
  [/lib\/(run|(engine|context|operators)\/[\w-]+)\.ts/, 'admission and slots'],
];

export function samplesOf(file: string): Sample[] {
  const { nodes, samples, timeDeltas }: CpuProfile = JSON.parse(readFileSync(file, 'utf8'));
  const written = asWritten();
  const frames = new Map(nodes.map((node) => [node.id, written(node.callFrame)]));
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

/** Frames of what was bundled, as they stand in lib/. */
function asWritten(): (frame: Frame) => Frame {
  const maps = new Map<string, SourceMap | null>();
  return (frame) => {
    if (!frame.url.startsWith('file:') || frame.url.includes('/node_modules/')) return frame;
    const map = maps.get(frame.url) ?? sourceMapOf(fileURLToPath(frame.url));
    maps.set(frame.url, map);
    const entry = map?.findEntry(frame.lineNumber, frame.columnNumber);
    if (!entry || !('originalSource' in entry)) return frame;
    const { originalSource, originalLine, originalColumn } = entry;
    return { ...frame, url: originalSource, lineNumber: originalLine, columnNumber: originalColumn };
  };
}

function sourceMapOf(file: string): SourceMap | null {
  const path = `${file}.map`;
  return existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : null;
}

function placeOf(frame: Frame | undefined): string {
  if (!frame) return '?';
  const file = frame.url
    .replace(/^.*\/(?=(dist|lib|bench)\/|node_modules\/)/, '')
    .replace('node_modules/', '');
  return `${frame.functionName || '(anonymous)'}${file ? `  ${file}:${frame.lineNumber + 1}` : ''}`;
}
