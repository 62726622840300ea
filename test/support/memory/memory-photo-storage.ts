import { randomBytes } from 'node:crypto';
import { PhotoStorage } from '../../../src/identity/ports.js';

export class MemoryPhotoStorage extends PhotoStorage {
  readonly kept = new Map<string, Uint8Array>();

  newKey(): string {
    return randomBytes(16).toString('hex');
  }

  async keep(key: string, photo: Uint8Array): Promise<void> {
    this.kept.set(key, photo);
  }

  async find(key: string): Promise<Uint8Array | undefined> {
    return this.kept.get(key);
  }

  async remove(key: string): Promise<void> {
    this.kept.delete(key);
  }
}
