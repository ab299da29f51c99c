import assert from 'node:assert/strict';
import { Turn } from '../../../lib/steps/codex/turn.js';
import { type CodexEnd, verdict } from '../../../lib/steps/codex/verdict.js';

const completed = { type: 'turn.completed', usage: { input_tokens: 1 } };
const failed = (message: string) => ({ type: 'turn.failed', error: { message } });

function judge(events: readonly object[], end: Partial<CodexEnd> = {}, message = 'ok') {
  const turn = new Turn();
  for (const event of events) turn.see(JSON.stringify(event));
  return verdict(turn, { exitCode: 0, signal: null, stderr: '', ...end }, message);
}

describe('the verdict on a codex run', () => {
  it('is success only when exit code, events and message agree', () => {
    assert.equal(judge([completed]), null);
    assert.equal(judge([completed], { exitCode: 1 })?.kind, 'exit');
    assert.equal(judge([completed, failed('no')])?.kind, 'exit');
    assert.equal(judge([])?.kind, 'bad_output');
    assert.equal(judge([completed], {}, ' \n')?.kind, 'bad_output');
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

  it('takes such a reason as it stands where it is no JSON', () => {
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
    ['Your refresh token has expired. Please log out and sign in again.', 'auth', undefined],
    ['exceeded retry limit, last status: 429 Too Many Requests', 'rate_limit', undefined],
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
});

describe('the events of a codex run', () => {
  it('count what older versions leave out as 0', () => {
    const turn = new Turn();
    turn.see(JSON.stringify(completed));
    const expected = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };
    assert.deepEqual(turn.usage, expected);
  });

  it('may be mixed with lines that are none', () => {
    const turn = new Turn();
    for (const line of ['', 'WARNING', '3', 'null', '{"type":3}', '{"type":"turn.failed"}']) turn.see(line);
    assert.equal(turn.failure, 'the turn failed');
  });
});
