import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { InvalidRequest, NotFound } from '#libs/kernel/errors.js';
import { isId } from '#libs/kernel/ids.js';
import { dateFault } from './fields.js';

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
export function ApiIdParam(example: string, name = 'id'): MethodDecorator {
  return ApiParam({ name, schema: { type: 'string', format: 'uuid', example } });
}

/** Digits as of a date are a date that was meant, and its fault is told. Any other path segment names nothing either. */
@Injectable()
export class DatePath implements PipeTransform<string, string> {
  transform(value: string, { data = 'date' }: ArgumentMetadata): string {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) throw new NotFound();
    const fault = dateFault(value);
    if (fault !== undefined) throw InvalidRequest.at(data, 'date', fault);
    return value;
  }
}
