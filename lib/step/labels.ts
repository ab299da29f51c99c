/**
 * Names of steps as people see them: those that stand twice, since they are the default ones, are numbered:
 * `openai#1`, `openai#2`.
 */
export function stepLabels(names: readonly string[]): string[] {
  return names.map((name, index) => {
    const isOnly = names.indexOf(name) === index && names.lastIndexOf(name) === index;
    return isOnly ? name : `${name}#${names.slice(0, index + 1).filter((other) => other === name).length}`;
  });
}

/** The same for objects with a name, field by field. */
export function labelled<T extends { readonly name: string }>(steps: readonly T[]): T[] {
  const labels = stepLabels(steps.map(({ name }) => name));
  return steps.map((step, index) => ({ ...step, name: labels[index] ?? step.name }));
}
