import { codeOf, messageOf, StepFailure, type Subject } from '../../errors.js';
import { AnswerTooLarge, ProxyFailure } from '../../http/errors.js';
import { isPassing, isTooLarge, KIND_OF, type Rejection, subjectOf } from '../rejection.js';
import { quote } from '../text.js';
import { APIConnectionError, APIError, TransportError } from './client.js';
import { retryAfterMs } from './headers.js';
import type { Server } from './server.js';

/** The error of a server about a call. */
export interface Complaint {
  readonly status: number;
  readonly codes?: Rejection['codes'];
  readonly message: string;
  readonly headers?: Headers | undefined;
}

/** The flow's failure for an error of the client. */
export function failureOf(thrown: unknown, server: Server): StepFailure {
  if (thrown instanceof StepFailure) return thrown;
  if (thrown instanceof APIConnectionError) return networkFailure(thrown, server);
  if (thrown instanceof APIError && typeof thrown.status === 'number') {
    const { status, headers, code, type } = thrown;
    const message = thrown.message.replace(/^\d{3} /, '');
    return complaintFailure({ status, headers, codes: [code, type], message }, server);
  }
  return new StepFailure('internal', excerpt(messageOf(thrown), server));
}

export function complaintFailure(complaint: Complaint, server: Server): StepFailure {
  const { status, codes, headers } = complaint;
  const text = textOf(complaint, server);
  const about = subjectOf({ status, codes, text });
  const wish = headers && retryAfterMs(headers);
  return new StepFailure(KIND_OF[about], `${server.host} answered ${status}: ${excerpt(text, server)}`, {
    about,
    status,
    retryable: isPassing(about),
    hint: hintFor(about, complaint, server),
    ...(wish !== undefined && { retryAfterMs: wish }),
  });
}

/** A redirect has no words but its target. */
function textOf({ headers, message }: Complaint, { baseUrl }: Server): string {
  const location = headers?.get('location');
  if (!location) return message;
  const target = URL.canParse(location, baseUrl) ? new URL(location, baseUrl).href : location;
  return `redirected to ${target}`;
}

function hintFor(about: Subject, complaint: Complaint, server: Server): string | undefined {
  switch (about) {
    case 'account':
      return 'The account has no credit left, or a limit was set on it: see its billing page.';
    case 'key':
      return keyHint(server);
    case 'limit':
      return 'A ceiling may help: --lane openai:rpm=N, or patience: --max-wait.';
    case 'model':
      return 'Are `model` and `baseUrl` right? Some servers need `api: chat`.';
    case 'way':
      return wayHint(complaint, server);
    case 'request':
      return requestHint(complaint);
    default:
      return undefined;
  }
}

function wayHint({ status, headers }: Complaint, { fromConfig, baseUrl }: Server): string {
  const correct = `Correct ${fromConfig ? '`baseUrl`' : 'OPENAI_BASE_URL, or `baseUrl`'}`;
  const location = headers?.get('location') ?? '';
  const isElsewhere = URL.canParse(location) && new URL(location).host !== new URL(baseUrl).host;
  if ((status === 307 || status === 308) && isElsewhere)
    return `${correct}, or give that server the prompt, but no key, with \`redirects: any\` in the step.`;
  if (status < 400) return `${correct}.`;
  return 'This seems to come from a firewall or a proxy on the way to the server.';
}

function requestHint({ status, message }: Complaint): string | undefined {
  if (isTooLarge(message))
    return 'This request alone is larger than the limit: shorten it, or ask another model.';
  return status === 403 ? "The server refuses this input; the key isn't the cause." : undefined;
}

function keyHint({ key, keyName }: Server): string {
  if (key !== null) return `Is the key in ${keyName} right, and may it use this model?`;
  return 'No key was sent: name the variable that holds it in `apiKeyEnv`.';
}

function networkFailure(error: Error, server: Server): StepFailure {
  const cause = rootOf(error);
  if (cause instanceof AnswerTooLarge) return tooLarge(cause, server);
  const hint = networkHint(cause);
  return new StepFailure(
    'network',
    `the call to ${server.host} failed: ${excerpt(messageOf(cause), server)}`,
    {
      retryable: true,
      ...(hint !== undefined && { hint }),
      cause,
    },
  );
}

/** It was paid for, and the next one would be as large. */
function tooLarge(cause: AnswerTooLarge, { host }: Server): StepFailure {
  return new StepFailure('bad_output', `${host}: ${cause.message}`, {
    retryable: false,
    hint: 'Raise `maxAnswer` of the step (MiB), or ask for less.',
    cause,
  });
}

/** The first cause: the errors around it only say that something failed. */
function rootOf(error: unknown): unknown {
  if (error instanceof TransportError) return rootOf(error.reason);
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0]);
  return error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : error;
}

function networkHint(cause: unknown): string | undefined {
  if (cause instanceof ProxyFailure) return proxyHint(cause.status);
  const code = codeOf(cause) ?? '';
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(code)) {
    return 'Behind a proxy that has its own certificates, name them in NODE_EXTRA_CA_CERTS.';
  }
  if (/REFUSED|NOTFOUND|EAI_AGAIN/.test(code)) return 'Is the server running, and is `baseUrl` right?';
  return undefined;
}

function proxyHint(status: number | undefined): string {
  if (status === undefined) return 'Is the proxy in https_proxy or http_proxy right, and is it running?';
  if (status === 407) return 'It wants a name and a password: https_proxy=http://NAME:PASSWORD@HOST:PORT.';
  return 'Does the proxy in https_proxy or http_proxy allow this server? `no_proxy` names servers that need none.';
}

/** The start of a server's message, on one line, and without secrets. */
export function excerpt(text: string, { clean }: Pick<Server, 'clean'>): string {
  return quote(clean(text));
}
