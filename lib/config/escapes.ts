/** A backslash and what may not follow it, in a text in double quotes: how it is written instead. */
export function escapeAdvice(rest: string): string {
  const [, braces] = /^\\(\{{2,3})/.exec(rest) ?? [];
  if (braces !== undefined) return `in double quotes a literal ${braces} is written \\\\${braces}`;
  return `${rest.slice(0, 2).trimEnd()} isn't an escape; in double quotes a backslash is written \\\\`;
}
