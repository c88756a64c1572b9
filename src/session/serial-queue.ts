/**
 * Runs tasks in the order of `run`, each when the one before it has ended or has called its `release`; a task that
 * fails does not stop the next.
 */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(task: (release: () => void) => Promise<T>): Promise<T> {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const done = this.#tail.then(() => task(release));
    this.#tail = Promise.race([released, done.catch(() => undefined)]);
    return done;
  }
}
