export function megabytes(value: number): string {
  return `${Math.round(value)} MB`;
}

export function thousandsPerSecond(flowsPerSecond: number): string {
  return `${Number((flowsPerSecond / 1000).toPrecision(3))} k/s`;
}

export function milliseconds(value: number): string {
  return `${Math.round(value)} ms`;
}

export function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(3))} s`;
}
