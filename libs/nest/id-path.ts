import { Injectable, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { NotFound } from '#libs/kernel/errors.js';
import { isId } from '#libs/kernel/ids.js';

/** A path segment that could not be an id names nothing: the same `404` as for an id that is not there. */
@Injectable()
export class IdPath implements PipeTransform<string, string> {
  transform(value: string): string {
    const id = value.toLowerCase();
    if (!isId(id)) throw new NotFound();
    return id;
  }
}

/** `example` is an id of the demo clinic. */
export function ApiIdParam(example: string): MethodDecorator {
  return ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid', example } });
}
