import { type Dispatcher, EnvHttpProxyAgent, interceptors } from 'undici';
import type { Transport } from '../http.js';
import { toResponse } from './answer.js';
import type { Proxies } from './proxies.js';
import type { HttpRequest } from './request.js';

/** Empty strings keep undici from looking into the process's own variables. */
const NO_PROXIES: Proxies = { httpProxy: '', httpsProxy: '', noProxy: '' };

/** By way of proxies, and to wherever a server redirects. */
export function throughUndici(connections: number, proxies: Proxies | null): Transport {
  const agent = new EnvHttpProxyAgent({
    connections,
    // A model may think for longer than undici's 300 s: how long a call may take is the step's `timeout`.
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(proxies ?? NO_PROXIES),
  });
  const redirecting = agent.compose(interceptors.redirect({ maxRedirections: 5 }));
  return {
    async send(request) {
      const { statusCode, statusText, headers, body } = await dispatch(redirecting, request);
      const { signal } = request;
      try {
        return await toResponse({ status: statusCode, statusText, headers }, body);
      } catch (error) {
        throw signal?.aborted ? signal.reason : error;
      }
    },
    close: () => agent.destroy(),
  };
}

/**
 * undici tells an abort to a request only once it has a connection; one that still waits for its turn is
 * abandoned here, and undici drops it when its turn comes.
 */
function dispatch(
  dispatcher: Dispatcher,
  { url, method, headers, body, signal }: HttpRequest,
): Promise<Dispatcher.ResponseData> {
  const { origin, pathname, search } = url;
  const options = { origin, path: pathname + search, method, headers, body };
  if (!signal) return dispatcher.request(options);
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    dispatcher
      .request({ ...options, signal })
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}
