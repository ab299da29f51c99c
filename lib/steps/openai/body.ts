/** A body as far as it came. */
export interface Body {
  readonly text: string;
  /** Why it ended early; null where it is whole. */
  readonly broken: unknown;
}

/** Reads a body, and keeps what has arrived where it breaks off. */
export async function readBody({ body }: Response): Promise<Body> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of body ?? []) text += decoder.decode(chunk, { stream: true });
    return { text: text + decoder.decode(), broken: null };
  } catch (broken) {
    return { text, broken };
  }
}
