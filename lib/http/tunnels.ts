import { type Dispatcher, Pool } from 'undici';
import { codeOf } from '../errors.js';
import { ProxyFailure } from './errors.js';

/** A proxy reaches a server, or says that it can't, within a time like that of a connection, milliseconds. */
export const TUNNEL_MS = 30_000;

/** Connections to one proxy. A request for a tunnel that the proxy doesn't answer fails with a ProxyFailure. */
export function proxyClient(proxy: URL, options: object, tunnelMs: number): Dispatcher {
  return new Pool(proxy, options).compose(
    (dispatch) => (request, handler) =>
      request.method === 'CONNECT'
        ? dispatch({ ...request, headersTimeout: tunnelMs }, explaining(handler, tunnelMs))
        : dispatch(request, handler),
  );
}

function explaining(handler: Dispatcher.DispatchHandler, tunnelMs: number): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (...event) => handler.onRequestStart?.(...event),
    onRequestUpgrade: (...event) => handler.onRequestUpgrade?.(...event),
    onResponseStart: (...event) => handler.onResponseStart?.(...event),
    onResponseData: (...event) => handler.onResponseData?.(...event),
    onResponseEnd: (...event) => handler.onResponseEnd?.(...event),
    onResponseError: (controller, error) => handler.onResponseError?.(controller, explained(error, tunnelMs)),
  };
}

/**
 * undici (7.30) connects again, without an end, after an error that it calls UND_ERR_SOCKET: it can't tell that one of the
 * tunnel from one of a kept connection.
 */
function explained(error: Error, tunnelMs: number): Error {
  switch (codeOf(error)) {
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
    case 'EPIPE':
      return new ProxyFailure('the proxy closed the connection without an answer');
    case 'UND_ERR_HEADERS_TIMEOUT':
      return new ProxyFailure(`the proxy didn't answer within ${tunnelMs / 1000} s`);
    default:
      return error;
  }
}
