/** The real worker, which can be told to throw outside any call. */
import '../../workers/worker.ts';

addEventListener('message', ({ data }) => {
  if (data?.crash)
    setTimeout(() => {
      throw new Error('told to crash');
    });
});
