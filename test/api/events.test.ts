import { expect, test } from 'vitest';
import { EventHub } from '../../src/api/events.ts';

interface Events {
  one: number;
  two: string;
}

test('listeners hear their event until they are removed', () => {
  const hub = new EventHub<Events>();
  const heard: unknown[] = [];
  const remove = hub.on('one', (n) => heard.push(n));
  hub.on('two', (s) => heard.push(s));
  hub.emit('one', 1);
  hub.emit('two', 'x');
  remove();
  remove();
  hub.emit('one', 2);
  expect(heard).toEqual([1, 'x']);
});

test('a signal removes a listener, and one aborted before adds none', () => {
  const hub = new EventHub<Events>();
  const heard: number[] = [];
  const controller = new AbortController();
  hub.on('one', (n) => heard.push(n), { signal: controller.signal });
  hub.on('one', (n) => heard.push(-n), { signal: AbortSignal.abort() });
  hub.emit('one', 1);
  controller.abort();
  hub.emit('one', 2);
  expect(heard).toEqual([1]);
});

test('a listener may be there twice and may remove another while it is called', () => {
  const hub = new EventHub<Events>();
  const heard: number[] = [];
  const listener = (n: number) => heard.push(n);
  hub.on('one', listener);
  const remove = hub.on('one', listener);
  hub.on('one', () => remove());
  hub.emit('one', 1);
  hub.emit('one', 2);
  expect(heard).toEqual([1, 1, 2]);
});
