/** The proxies to use, as undici's agent takes them. */
export interface Proxies {
  /** Empty: none. */
  readonly httpProxy: string;
  readonly httpsProxy: string;
  /** Servers that are reached directly. */
  readonly noProxy: string;
}

const LOOPBACK = 'localhost,127.0.0.1,[::1]';

/** What the proxy variables ask for; null for none. Loopback servers are reached directly. Throws where one holds no URL. */
export function proxiesIn(env: Readonly<Record<string, string | undefined>>): Proxies | null {
  const httpProxy = env.http_proxy ?? env.HTTP_PROXY ?? '';
  const httpsProxy = env.https_proxy ?? env.HTTPS_PROXY ?? '';
  const set = [httpProxy, httpsProxy].filter((proxy) => proxy !== '');
  if (set.length === 0) return null;
  for (const proxy of set) new URL(proxy);
  const noProxy = env.no_proxy ?? env.NO_PROXY ?? '';
  return {
    httpProxy,
    httpsProxy,
    noProxy: noProxy.trim() === '*' ? '*' : `${LOOPBACK},${noProxy}`,
  };
}
