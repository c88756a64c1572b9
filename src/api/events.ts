/** Listeners by name, with a remover each. A listener that throws neither stops the others nor the caller. */

export type Listener<T> = (event: T) => void;

export class EventHub<Events extends object> {
  /** Each with its remover. */
  readonly #listeners = new Map<keyof Events, Map<Listener<never>, () => void>>();

  /** @returns the remover; `signal` removes it too. */
  on<Name extends keyof Events>(
    name: Name,
    listener: Listener<Events[Name]>,
    options: { signal?: AbortSignal } = {},
  ): () => void {
    const { signal } = options;
    if (signal?.aborted) return () => {};
    // A wrapper of its own: the same listener may be there twice, each with its remover.
    const entry: Listener<Events[Name]> = (event) => listener(event);
    const named = this.#listeners.get(name) ?? new Map<Listener<never>, () => void>();
    this.#listeners.set(name, named);
    const remove = () => {
      named.delete(entry as Listener<never>);
      signal?.removeEventListener('abort', remove);
    };
    named.set(entry as Listener<never>, remove);
    signal?.addEventListener('abort', remove, { once: true });
    return remove;
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name)?.keys() ?? [])]) {
      callSafely(listener as Listener<Events[Name]>, event);
    }
  }

  /** Removes all, from their signals too, which may outlive the net by far. */
  clear(): void {
    for (const named of this.#listeners.values()) {
      for (const remove of [...named.values()]) remove();
    }
    this.#listeners.clear();
  }
}

/** Calls the user's function; what it throws becomes an uncaught error of its own, as with DOM events. */
export function callSafely<T>(listener: Listener<T>, event: T): void {
  try {
    listener(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
