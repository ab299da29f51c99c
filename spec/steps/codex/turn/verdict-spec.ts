import assert from 'node:assert/strict';
import { WriteFailure } from '../../../../lib/errors.js';
import { eventIn } from '../../../../lib/steps/codex/turn/event.js';
import { Turn } from '../../../../lib/steps/codex/turn/turn.js';
import { type CodexEnd, messageWriteFailure, verdict } from '../../../../lib/steps/codex/turn/verdict.js';

const completed = { type: 'turn.completed', usage: { input_tokens: 1 } };
const failed = (message: string) => ({ type: 'turn.failed', error: { message } });

const item = (type: string, item: object) => ({ type: `item.${type}`, item });
const said = (text: string) => item('completed', { type: 'agent_message', text });
const ran = (command: string) => ({ type: 'command_execution', command });
const now = Date.UTC(2026, 10, 22, 12);

function judge(events: readonly object[], end: Partial<CodexEnd> = {}, message = 'ok') {
  const turn = new Turn();
  for (const told of events) {
    const event = eventIn(JSON.stringify(told));
    if (event) turn.see(event);
  }
  return verdict(turn, { exitCode: 0, signal: null, stderr: '', ...end }, message, now);
}

describe('the verdict on a codex run', () => {
  it('is success only when exit code, events and message agree', () => {
    assert.equal(judge([completed]), null);
    assert.equal(judge([completed], { exitCode: 1 })?.kind, 'exit');
    assert.equal(judge([completed, failed('no')])?.kind, 'exit');
    assert.equal(judge([])?.kind, 'bad_output');
    assert.equal(judge([completed], {}, ' \n')?.kind, 'bad_output');
  });

  it('wants the message to be the last of all that codex did', () => {
    const work = [item('started', ran('ls')), item('completed', ran('ls'))];
    assert.equal(judge([...work, said('ok'), completed]), null);
    assert.equal(judge([said('I will look'), ...work, completed], {}, 'I will look')?.kind, 'bad_output');
    const patch = item('completed', { type: 'file_change', changes: [], status: 'completed' });
    assert.equal(judge([said('I will write'), patch, completed], {}, 'I will write')?.kind, 'bad_output');
  });

  it('does not take a message that is cut off for the final one', () => {
    const { kind, message } = judge([said('the whole answer'), completed], {}, 'the whole') ?? {};
    assert.deepEqual([kind, message], ['bad_output', 'codex could not write all of its final message']);
    assert.equal(judge([said('part two'), completed], {}, 'part one, part two'), null);
  });

  it('hears from codex that the disk took no final message, and only that', () => {
    const stderrs = {
      '0.104': 'Failed to write last message file "/g/m": No space left on device (os error 28)\n',
      '0.169':
        'Error: Failed to write last message file "/g/m"\n\nCaused by:\n    No space left on device (os error 28)\n' +
        '\nStack backtrace:\n   0: <unknown>\n',
    };
    for (const stderr of Object.values(stderrs)) {
      const failure = messageWriteFailure({ exitCode: 0, signal: null, stderr }, '/g/m');
      assert.ok(failure instanceof WriteFailure);
      assert.equal(failure.message, 'cannot write /g/m: ENOSPC, as codex says');
    }
    for (const stderr of [
      'No space left on device (os error 28)',
      'last message file "m": loop (os error 40)',
    ])
      assert.equal(messageWriteFailure({ exitCode: 1, signal: null, stderr }, '/g/m'), null);
  });

  it('guesses at a used-up limit where an empty turn used no tokens', () => {
    const usage = { input_tokens: 0, output_tokens: 0 };
    assert.match(judge([{ type: 'turn.completed', usage }], {}, '')?.hint ?? '', /usage limit/);
    assert.equal(judge([completed], {}, '')?.hint, undefined);
  });

  it('does not take a top-level error for fatal', () => {
    assert.equal(judge([{ type: 'error', message: 'Reconnecting... 1/5' }, completed]), null);
  });

  it("says the failed turn's reason, else the last error, else the end of stderr, else the signal", () => {
    const error = { type: 'error', message: 'second best' };
    const end = { exitCode: 1, stderr: 'third\n' };
    assert.match(judge([error, failed('best')], end)?.message ?? '', /: best$/);
    assert.match(judge([error], end)?.message ?? '', /: second best$/);
    assert.match(judge([], end)?.message ?? '', /: third$/);
    assert.equal(
      judge([], { exitCode: null, signal: 'SIGSEGV' })?.message,
      'codex failed (killed by SIGSEGV)',
    );
  });

  it('unwraps a reason that is the body of an answer', () => {
    const reason = '{"error":{"message":"bad \\"thing\\"","type":"invalid_request_error"}}';
    assert.match(judge([failed(reason)], { exitCode: 1 })?.message ?? '', /: bad "thing"$/);
  });

  it("takes such a reason as it stands where it isn't JSON", () => {
    const reason = '{"error":{"message":"bad\n\\thing"}}';
    assert.match(judge([failed(reason)], { exitCode: 1 })?.message ?? '', /: "bad \| \\thing"$/);
    const broken = '{"message":"no \\escape"}';
    assert.match(judge([failed(broken)], { exitCode: 1 })?.message ?? '', /: "no \\escape"$/);
  });

  it('bounds a long reason, and keeps its start', () => {
    const { message = '' } =
      judge([failed(`unexpected status 401 ${'x'.repeat(9000)}`)], { exitCode: 1 }) ?? {};
    assert.ok(message.length < 600);
    assert.match(message, /status 401 x/);
  });

  const reasons: [string, string, boolean | undefined][] = [
    ["You've hit your usage limit. Try again at 5 PM.", 'quota', undefined],
    ['Quota exceeded. Check your plan and billing details.', 'quota', undefined],
    ['unexpected status 403 Forbidden: no', 'auth', undefined],
    ['unexpected status 403 Forbidden: your input was flagged', 'refused', undefined],
    ['unexpected status 403 Forbidden: <html>blocked</html>', 'refused', undefined],
    ['unexpected status 429: Request too large: Limit 30000, Requested 45000', 'refused', undefined],
    ['stream disconnected: Request too large for gpt-5: Limit 30000, Requested 45000', 'refused', undefined],
    ['Your refresh token has expired. Please log out and sign in again.', 'auth', undefined],
    ['Your workspace is out of credits. Add credits to continue.', 'quota', undefined],
    [
      'You hit your spend cap set in your workspace. Increase your spend cap to continue.',
      'quota',
      undefined,
    ],
    ['To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/x.', 'quota', undefined],
    ['unexpected status 402 Payment Required: pay', 'quota', undefined],
    ['Your access token could not be refreshed because you have since logged out.', 'auth', undefined],
    ['Missing environment variable: `OPENAI_API_KEY`.', 'auth', undefined],
    ['exceeded retry limit, last status: 429 Too Many Requests', 'rate_limit', undefined],
    ['stream disconnected before completion: Rate limit reached for gpt-5', 'rate_limit', undefined],
    ["Codex ran out of room in the model's context window. Start a new thread.", 'input', undefined],
    ['This request has been flagged for possible cybersecurity risk.', 'refused', undefined],
    [
      'stream disconnected before completion: Incomplete response returned, reason: max_output_tokens',
      'bad_output',
      undefined,
    ],
    ['unexpected status 404 Not Found: The model does not exist', 'exit', false],
    ['unexpected status 502 Bad Gateway: connection refused', 'server', undefined],
    ['Selected model is at capacity. Please try a different model.', 'server', undefined],
    ['stream disconnected before completion: error sending request', 'network', undefined],
    ['something else', 'exit', undefined],
  ];
  for (const [reason, kind, retryable] of reasons) {
    it(`takes "${reason}" for ${kind}`, () => {
      const failure = judge([failed(reason)], { exitCode: 1 });
      assert.deepEqual([failure?.kind, failure?.retryable], [kind, retryable]);
    });
  }

  it('takes exit code 2 for a wrong call, which no retry cures', () => {
    const failure = judge([], { exitCode: 2, stderr: "error: unexpected argument '--network'" });
    assert.deepEqual([failure?.kind, failure?.exitCode, failure?.retryable], ['exit', 2, false]);
  });

  it('tells when a used-up limit is reset, as a fact and in the hint', () => {
    const reason = "You've hit your usage limit. Try again in 2 days 3 hours.";
    const failure = judge([failed(reason)], { exitCode: 1 });
    assert.equal(failure?.resetsAt, Date.UTC(2026, 10, 24, 15));
    assert.match(failure?.hint ?? '', /^Wait until 2026-11-24 15:00 UTC, or use another/);
    const later = judge([failed("You've hit your usage limit. Try again later.")], { exitCode: 1 });
    assert.equal(later?.resetsAt, undefined);
    assert.match(later?.hint ?? '', /^Wait until the limit is reset, or/);
  });

  it('finds that time in the body of an answer, too', () => {
    const body =
      '{"error":{"type":"usage_limit_reached","message":"The usage limit","resets_in_seconds":60}}';
    assert.equal(judge([failed(body)], { exitCode: 1 })?.resetsAt, now + 60_000);
  });

  it('finds it on stderr where no event told why', () => {
    const stderr = "ERROR: You've hit your usage limit. Try again in 1 hour.\n";
    const failure = judge([], { exitCode: 1, stderr });
    assert.deepEqual([failure?.kind, failure?.resetsAt], ['quota', now + 3_600_000]);
  });

  it("takes a rate limit's time for the wait before the next attempt", () => {
    const reason = 'Rate limit reached for gpt-5. Please try again in 11.5s.';
    const failure = judge([failed(reason)], { exitCode: 1 });
    assert.deepEqual([failure?.retryAfterMs, failure?.resetsAt], [11_500, undefined]);
  });

  it('says that a bare 429 may be a quota', () => {
    const reason = 'exceeded retry limit, last status: 429 Too Many Requests';
    assert.match(judge([failed(reason)], { exitCode: 1 })?.hint ?? '', /used-up quota/);
  });
});
