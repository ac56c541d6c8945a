/** What a page says of a failure: words of ours, and a code that is no sentence. */
import { MethodFailure, RequestFailure } from '@smartmail/jmap/errors.ts';
import { expect, test } from 'vitest';
import { failureCode, failureKey } from '../src/app/failure-text.ts';

test('the code behind the details is short and never the English of the server', () => {
  const problem = { title: 'this account is not let in', detail: 'said in English' };
  expect(failureCode(new RequestFailure('refused', 403, problem))).toBe('HTTP 403');
  expect(failureCode(new RequestFailure('offline'))).toBe('offline');
  expect(failureCode(new MethodFailure('serverFail', 'said in English'))).toBe('serverFail');
  expect(failureCode(new TypeError('x is not a function'))).toBe('TypeError');
  expect(failureCode('said in English')).toBe('unknown');
});

test('the words follow from the kind of the failure alone', () => {
  expect(failureKey(new RequestFailure('offline'))).toBe('error.offline');
  expect(failureKey(new MethodFailure('forbidden', 'said in English'))).toBe('error.refused');
});
