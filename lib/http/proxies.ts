import { withoutPassword } from '../util/redact.js';

/** The proxies to use, as undici's agent takes them. */
export interface Proxies {
  /** Empty: none. */
  readonly httpProxy: string;
  readonly httpsProxy: string;
  /** Servers that are reached directly. */
  readonly noProxy: string;
}

const LOOPBACK = 'localhost,127.0.0.1,[::1]';
/** Schemes of undici's agent. */
const SCHEMES = ['http:', 'https:', 'socks5:', 'socks:'];

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxies that the proxy variables name; null for none. Loopback servers are reached directly. Throws where a
 * variable isn't an address of a proxy.
 */
export function proxiesIn(env: Env): Proxies | null {
  const httpProxy = proxyIn('http_proxy', env);
  const httpsProxy = proxyIn('https_proxy', env);
  if (httpProxy === '' && httpsProxy === '') return null;
  const noProxy = env.no_proxy ?? env.NO_PROXY ?? '';
  return {
    httpProxy,
    httpsProxy,
    noProxy: noProxy.trim() === '*' ? '*' : `${LOOPBACK},${noProxy}`,
  };
}

/** In small letters or in capitals; `proxy:3128` means `http://proxy:3128`, as it does to curl and git. Empty: none. */
function proxyIn(variable: string, env: Env): string {
  const name = env[variable] === undefined ? variable.toUpperCase() : variable;
  const value = env[name]?.trim() ?? '';
  if (value === '') return '';
  const address = value.includes('://') ? value : `http://${value}`;
  if (URL.canParse(address) && SCHEMES.includes(new URL(address).protocol)) return address;
  throw new TypeError(
    `${name} is \`${withoutPassword(value, '***@')}\`; expected the address of a proxy, like \`http://proxy.example.com:3128\``,
  );
}
