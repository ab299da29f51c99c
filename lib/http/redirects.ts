/** These repeat the request, with its method and body; 301, 302 and 303 would make a GET of a POST. */
const REPEATS = new Set([307, 308]);
const PERMANENT = 308;
/** More in a row are a circle. */
const MOST = 5;

/** Where requests go instead, as their servers have said. */
export class Redirects {
  readonly #moved = new Map<string, URL>();

  /**
   * Sends to where the address has moved, and on to where the answer points, on the same server only: another would
   * get a prompt that wasn't meant for it. An answer that isn't followed is returned.
   */
  async follow(url: URL, send: (url: URL) => Promise<Response>): Promise<Response> {
    let at = this.#moved.get(url.href) ?? url;
    let answer = await send(at);
    for (let count = 0; count < MOST; count++) {
      const next = nextOf(answer, at);
      if (!next) return answer;
      // Temporary ones are asked for again with each request.
      if (answer.status === PERMANENT && count === 0) this.#moved.set(url.href, next);
      at = next;
      answer = await send(at);
    }
    return answer;
  }
}

function nextOf({ status, headers }: Response, at: URL): URL | null {
  const location = headers.get('location');
  if (!REPEATS.has(status) || location === null || !URL.canParse(location, at.href)) return null;
  const next = new URL(location, at);
  return isSameServer(at, next) ? next : null;
}

/** The same host and port; or the same host's encrypted port instead of its plain one. */
function isSameServer(from: URL, to: URL): boolean {
  if (from.origin === to.origin) return true;
  const isEncrypted = from.protocol === 'http:' && to.protocol === 'https:';
  return isEncrypted && from.hostname === to.hostname && from.port === '' && to.port === '';
}
