import { codeOf, type FailureFacts, type FailureKind, messageOf, StepFailure } from '../../errors.js';
import { isSecret } from '../../redact.js';
import { quote } from '../quote.js';
import { retryAfterMs } from './retry-after.js';
import { APIConnectionError, APIError } from './sdk.js';
import type { Server } from './server.js';

const QUOTA = new Set(['insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active']);

/** What a server said against a call. */
export interface Complaint {
  readonly status: number;
  readonly code?: string | null | undefined;
  readonly message: string;
  readonly headers?: Headers | undefined;
}

/** What the client threw, as the flow's failure. */
export function failureOf(thrown: unknown, server: Server): StepFailure {
  if (thrown instanceof StepFailure) return thrown;
  if (thrown instanceof APIConnectionError) return networkFailure(thrown, server);
  if (thrown instanceof APIError && typeof thrown.status === 'number') {
    const { status, headers, code, type } = thrown;
    const message = thrown.message.replace(/^\d{3} /, '');
    return complaintFailure({ status, headers, code: QUOTA.has(type ?? '') ? type : code, message }, server);
  }
  return new StepFailure('internal', excerpt(messageOf(thrown), server));
}

export function complaintFailure(complaint: Complaint, server: Server): StepFailure {
  const { status, headers, message } = complaint;
  const { kind, retryable = false, hint } = verdict(complaint, server);
  const wish = headers && retryAfterMs(headers);
  return new StepFailure(kind, `${server.host} answered ${status}: ${excerpt(message, server)}`, {
    status,
    retryable,
    ...(hint !== undefined && { hint }),
    ...(wish !== undefined && { retryAfterMs: wish }),
  });
}

type Verdict = { readonly kind: FailureKind } & Pick<FailureFacts, 'retryable' | 'hint'>;

/**
 * `refused` is what the provider declines and would decline again: a malformed request (400, 422), an unknown
 * model (404), too much of a prompt (413), as well as what its policies forbid.
 */
function verdict({ status, code }: Complaint, server: Server): Verdict {
  if (QUOTA.has(code ?? '') || status === 402) {
    return {
      kind: 'quota',
      hint: 'The account has no credit left, or a limit was set on it: see its billing page.',
    };
  }
  if (status === 401 || status === 403) return { kind: 'auth', hint: keyHint(server) };
  if (status === 429) {
    return {
      kind: 'rate_limit',
      retryable: true,
      hint: 'A ceiling may help: --lane openai:rpm=N, or patience: --max-wait.',
    };
  }
  if (status === 408 || status === 409 || status >= 500) return { kind: 'server', retryable: true };
  if (status === 404) {
    return { kind: 'refused', hint: 'Are `model` and `baseUrl` right? Some servers need `api: chat`.' };
  }
  return { kind: status >= 400 ? 'refused' : 'server' };
}

function keyHint({ key, keyName }: Server): string {
  if (key !== null) return `Is the key in ${keyName} right, and may it use this model?`;
  return 'No key was sent: name the variable that holds it in `apiKeyEnv`.';
}

function networkFailure(error: Error, server: Server): StepFailure {
  const cause = rootOf(error);
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

/** The first cause: what is around it only says that something failed. */
function rootOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0]);
  return error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : error;
}

function networkHint(cause: unknown): string | undefined {
  const code = codeOf(cause) ?? '';
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(code)) {
    return 'Behind a proxy that has its own certificates, name them in NODE_EXTRA_CA_CERTS.';
  }
  if (/REFUSED|NOTFOUND|EAI_AGAIN/.test(code)) return 'Is the server running, and is `baseUrl` right?';
  return undefined;
}

/** The start of what a server said, on one line, and without the key. */
export function excerpt(text: string, { key }: Pick<Server, 'key'>): string {
  return quote(key !== null && isSecret(key) ? text.replaceAll(key, '***') : text);
}
