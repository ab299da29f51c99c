/** These repeat the request, with its method and body; 301, 302 and 303 would make a GET of a POST. */
const REPEATS = new Set([307, 308]);
const PERMANENT = 308;
/** More in a row are a circle. */
const MOST = 5;
/** The headers that describe a request. All others may be meant for one server: keys, organizations, projects. */
const DESCRIPTION = /^(accept(-.+)?|content-.+|user-agent)$/;

/** Which servers a redirect may lead to. */
export type Following = 'same-server' | 'any';

/** Where a request goes, and with which headers. */
export interface Target {
  readonly url: URL;
  readonly headers: Headers;
}

/** Where requests go instead, as their servers have said. */
export class Redirects {
  readonly #following: Following;
  readonly #moved = new Map<string, URL>();

  constructor(following: Following) {
    this.#following = following;
  }

  /**
   * Sends to where the address has moved, and on to where the answer points. Another server gets the prompt only where
   * that is allowed, and never a key. An answer that isn't followed is returned.
   */
  async follow(first: Target, send: (target: Target) => Promise<Response>): Promise<Response> {
    const moved = this.#moved.get(first.url.href);
    let at = moved ? movedTo(moved, first) : first;
    let answer = await send(at);
    for (let count = 0; count < MOST; count++) {
      const next = this.#next(answer, at.url);
      if (!next) return answer;
      // Temporary ones are asked for again with each request.
      if (answer.status === PERMANENT && count === 0) this.#moved.set(first.url.href, next);
      at = movedTo(next, at);
      answer = await send(at);
    }
    return answer;
  }

  #next({ status, headers }: Response, at: URL): URL | null {
    const location = headers.get('location');
    if (!REPEATS.has(status) || location === null || !URL.canParse(location, at.href)) return null;
    const next = new URL(location, at);
    return isSameServer(at, next) || (this.#following === 'any' && isAsSafe(at, next)) ? next : null;
  }
}

function movedTo(url: URL, { url: from, headers }: Target): Target {
  if (isSameServer(from, url)) return { url, headers };
  return { url, headers: new Headers([...headers].filter(([name]) => DESCRIPTION.test(name))) };
}

/** The same host and port; or the same host's encrypted port instead of its plain one. */
function isSameServer(from: URL, to: URL): boolean {
  if (from.origin === to.origin) return true;
  const isEncrypted = from.protocol === 'http:' && to.protocol === 'https:';
  return isEncrypted && from.hostname === to.hostname && from.port === '' && to.port === '';
}

/** An encrypted request stays encrypted. */
function isAsSafe(from: URL, to: URL): boolean {
  return to.protocol === 'https:' || (to.protocol === 'http:' && from.protocol === 'http:');
}
