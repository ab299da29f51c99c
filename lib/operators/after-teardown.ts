import { type MonoTypeOperatorFunction, Observable } from 'rxjs';

/**
 * Calls back once everything beneath has been torn down, whether it completed, failed or was unsubscribed.
 * (`finalize` calls back before the teardown of inner observables that were subscribed later than itself.)
 */
export function afterTeardown<T>(callback: () => void): MonoTypeOperatorFunction<T> {
  return (source$) =>
    new Observable((subscriber) => {
      const source = source$.subscribe({
        next: (value) => subscriber.next(value),
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
      return () => {
        source.unsubscribe();
        callback();
      };
    });
}
