import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';

/** Milliseconds: whoever asks more slowly than this is not worth a request's waiting. */
const PATIENCE = 250;
const RECONNECTS_EVERY = 1000;

/** A connection for counting requests, which never holds one up. An outage is told once, and its end. */
export function connectToRedis(url: string, log: Pick<Logger, 'warn'> = new Logger('Redis')): Redis {
  let isGone = false;
  const redis = new Redis(url, {
    connectTimeout: PATIENCE,
    commandTimeout: PATIENCE,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => RECONNECTS_EVERY,
  });
  redis.on('error', () => {
    if (!isGone) log.warn('REDIS_URL does not answer: requests are not limited meanwhile.');
    isGone = true;
  });
  redis.on('ready', () => {
    if (isGone) log.warn('REDIS_URL answers again.');
    isGone = false;
  });
  return redis;
}
