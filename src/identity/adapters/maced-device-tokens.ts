import { createHmac, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import { DeviceTokens } from '../ports.js';
import type { SigningKeys } from './signing-keys.js';

/** `<user>.<random>.<MAC>` */
export class MacedDeviceTokens extends DeviceTokens {
  constructor(private readonly keys: SigningKeys) {
    super();
  }

  issue(userId: string): string {
    const claim = `${userId}.${randomBytes(16).toString('base64url')}`;
    return `${claim}.${mac(this.keys.current.device, claim)}`;
  }

  userOf(token: string): string | undefined {
    const end = token.lastIndexOf('.');
    const [claim, claimed] = [token.slice(0, end), Buffer.from(token.slice(end + 1))];
    const isOurs = this.keys.all.some(({ device }) => {
      const right = Buffer.from(mac(device, claim));
      return claimed.length === right.length && timingSafeEqual(claimed, right);
    });
    return isOurs ? claim.slice(0, claim.indexOf('.')) : undefined;
  }
}

function mac(key: KeyObject, claim: string): string {
  return createHmac('sha256', key).update(claim).digest('base64url');
}
