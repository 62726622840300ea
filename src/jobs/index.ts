export { JobLoop } from './adapters/job-loop.js';
export { JobsModule } from './jobs.module.js';
