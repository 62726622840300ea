/** Imported before a node's program: a node whose proof is gone, even by SIGKILL, is gone too. */
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.channel?.unref();
