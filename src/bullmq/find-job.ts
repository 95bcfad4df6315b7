/** One job by its id, with where it stands. */
import { foundJob, type FoundJob } from './job-entries.js';
import type { Job, Queue } from './load-bullmq.js';

export async function findJob(queue: Queue, id: string): Promise<FoundJob | undefined> {
  const job = (await queue.getJob(id)) as Job | undefined;
  return job && foundJob(job, await job.getState());
}
