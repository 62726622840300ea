import { DiskGuard } from '../../src/database/disk-guard.js';

/** The product, but that nothing watches the disk: a control. */
DiskGuard.prototype.watch = () => {};
await import('../../src/main.js');
